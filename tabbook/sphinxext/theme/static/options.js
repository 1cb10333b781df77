// How a reader wants to read: colours, size, width, wrapping, contents; and the keys that
// turn pages. The choices are kept, and set by a script in the head before anything shows.
(() => {
  "use strict";
  const root = document.documentElement;

  function keep(name, value) {
    try {
      if (value) localStorage.setItem(name, value);
      else localStorage.removeItem(name);
    } catch {
      // storage is switched off: the choice holds for this page
    }
  }

  // --- The box of options: its fields are named as the attributes that they set.

  const box = document.getElementById("reading-options");

  function state(name) {
    return name === "theme" ? document.body.dataset.theme : root.dataset[name] || "";
  }

  function choose(name, value) {
    if (name === "theme") document.body.dataset.theme = value;
    else if (value) root.dataset[name] = value;
    else delete root.dataset[name];
    keep(name, value);
  }

  for (const field of box?.querySelectorAll("input") || []) {
    field.addEventListener("change", () => {
      const on = field.type === "radio" || field.checked;
      choose(field.name, on ? field.value : "");
    });
  }

  function place(opener) {
    const { bottom, right } = opener.getBoundingClientRect();
    const room = root.clientWidth - box.offsetWidth - 8;
    box.style.top = `${bottom + 6}px`;
    box.style.left = `${Math.max(8, Math.min(right - box.offsetWidth, room))}px`;
  }

  box?.addEventListener("toggle", ({ newState }) => {
    const openers = [...document.querySelectorAll(".options-button")];
    for (const opener of openers) {
      opener.setAttribute("aria-expanded", String(newState === "open"));
    }
    if (newState !== "open") return;
    for (const field of box.querySelectorAll("input")) {
      field.checked = field.value === state(field.name);
    }
    const opener = openers.find((each) => each.getClientRects().length);
    if (opener) place(opener);
  });

  // --- The contents at the left, folded by a button.

  const fold = document.querySelector(".contents-fold");
  function tell() {
    fold?.setAttribute("aria-expanded", String(root.dataset.contents !== "folded"));
  }
  fold?.addEventListener("click", () => {
    choose("contents", root.dataset.contents === "folded" ? "" : "folded");
    tell();
  });
  tell();

  // The page that is open is no place to go to.
  for (const link of document.querySelectorAll('.sidebar-tree a.current[href="#"]')) {
    link.setAttribute("aria-current", "page");
    link.tabIndex = -1;
  }

  // --- The arrow keys turn pages, where they move nothing else.

  const BUSY =
    "input, textarea, select, [contenteditable], [tabindex='0'], dialog, [popover], video, audio";

  document.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
    if (!way || !plain || event.defaultPrevented || event.isComposing) return;
    if (event.target.closest?.(BUSY) || document.querySelector("dialog[open]")) return;
    document.querySelector(`.related-pages a[rel="${way}"]`)?.click();
  });
})();
