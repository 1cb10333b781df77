// Search from anywhere: a dialog that `/`, Ctrl-K and the icons open, and the marks on the
// page that a result led to. The index is loaded when the dialog opens first.
(() => {
  "use strict";
  const words = JSON.parse(document.getElementById("search-words").textContent);
  const root = document.documentElement.dataset.content_root || "";
  const home = root === "./" ? "" : root;

  // --- Marks ---------------------------------------------------------------------

  function ranges(text) {
    const found = [];
    const walker = document.createTreeWalker(
      document.querySelector("article"),
      NodeFilter.SHOW_TEXT,
    );
    while (walker.nextNode()) {
      const { data } = walker.currentNode;
      for (let at = data.indexOf(text); at >= 0; at = data.indexOf(text, at + 1)) {
        const range = new Range();
        range.setStart(walker.currentNode, at);
        range.setEnd(walker.currentNode, at + text.length);
        found.push(range);
      }
    }
    return found;
  }

  function mark() {
    if (!window.Highlight) return;
    let texts = [];
    try {
      texts = JSON.parse(sessionStorage.getItem("search-marks") || "[]");
      sessionStorage.removeItem("search-marks");
    } catch {
      return;
    }
    const found = texts.flatMap(ranges);
    if (found.length) CSS.highlights.set("search-marks", new Highlight(...found));
  }

  // --- The dialog ------------------------------------------------------------------

  let dialog = null;

  function load(tag, name, address) {
    return new Promise((done) => {
      const made = document.createElement(tag);
      made[name] = home + address;
      if (tag === "link") made.rel = "stylesheet";
      made.onload = made.onerror = done;
      document.head.append(made);
    });
  }

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  function build() {
    const input = element("input", {
      type: "search", id: "search-query", name: "q", autocomplete: "off",
      autocapitalize: "off", spellcheck: "false", "aria-label": words.label,
      placeholder: words.label,
    });
    const close = element("button", { type: "button" }, words.close);
    const form = element("form", { class: "search-form", id: "search-form" }, input, close);
    const made = element(
      "dialog",
      { id: "search-palette", "aria-label": words.title },
      form,
      element("p", { class: "search-keys" }, words.keys),
      element("div", { id: "search-status", role: "status" }),
      element("ol", { id: "search-results" }),
    );
    form.addEventListener("submit", (event) => event.preventDefault());
    close.addEventListener("click", () => made.close());
    made.addEventListener("click", (event) => event.target === made && made.close());
    made.addEventListener("keydown", choose);
    document.body.append(made);
    return made;
  }

  // The arrow keys go from the field to the results and back, Escape closes.
  function choose(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault(); // a search field would only empty itself
      dialog.close();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.isComposing) return;
    const links = [...dialog.querySelectorAll(".search-title > a:first-child")];
    const at = links.indexOf(document.activeElement) + step;
    event.preventDefault();
    (links[at] || (at < 0 && dialog.querySelector("input")) || links[at - step])?.focus();
  }

  async function open() {
    if (dialog) {
      dialog.showModal();
      dialog.querySelector("input").select();
      return;
    }
    dialog = build();
    await load("link", "href", "_static/search.css");
    dialog.showModal();
    await load("script", "src", "search-index.js");
    await load("script", "src", "_static/search.js");
  }

  const page = document.querySelector(".search-form input");
  const FIELDS = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
  const writing = (target) => target.closest?.(FIELDS);

  document.addEventListener("keydown", (event) => {
    const control = (event.ctrlKey || event.metaKey) && event.key === "k";
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Escape") window.CSS?.highlights?.delete("search-marks");
    if (!control && !(slash && !writing(event.target))) return;
    event.preventDefault();
    if (page) page.select();
    else if (!dialog?.open) open();
  });
  for (const icon of document.querySelectorAll(".search-icon")) {
    icon.addEventListener("click", (event) => {
      if (page || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      open();
    });
  }
  addEventListener("searchmarks", mark);
  mark();
})();
