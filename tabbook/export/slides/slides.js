// What is printed is light; reveal.js looks at the colours when it starts.
const root = document.documentElement;
const printed = new URLSearchParams(location.search).has("print-pdf");
const stored = {
  get() {
    try { return localStorage.getItem("slides-theme"); } catch { return null; }
  },
  set(theme) {
    try { localStorage.setItem("slides-theme", theme); } catch { /* for this deck only */ }
  },
};
const chosen = printed ? "light" : stored.get();
if (chosen) root.dataset.theme = chosen;

// Start reveal.js.
Reveal.initialize({
  width: 1280, height: 720, margin: 0.03, center: false, hash: true,
  slideNumber: "c/t", transition: "none", pdfSeparateFragments: false,
});
// What a slide has no room for scrolls into view when it appears.
Reveal.on("fragmentshown", ({ fragment }) => {
  fragment.scrollIntoView({ block: "nearest" });
});

// Dark as the system is, or as the key D says; the choice holds for all decks.
const dark = matchMedia("(prefers-color-scheme: dark)");
Reveal.addKeyBinding({ keyCode: 68, key: "D", description: "Dark or light" }, () => {
  const now = root.dataset.theme || (dark.matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  stored.set(root.dataset.theme);
});
