// One choice of the framework for the whole book.
//
// The choice stands in two attributes of <html>, data-framework and data-compare; the
// style sheet shows and hides by them. They are set before the first paint, by a script
// in the page's head, from the address, else from what was chosen last.
(() => {
  "use strict";
  const root = document.documentElement;
  if (!root.dataset.framework) return;

  const radios = [...document.querySelectorAll('input[name="framework"]')];
  const select = document.querySelector('select[name="compare"]');
  const beside = document.querySelector('select[name="beside"]'); // on the index page

  function show(framework, compare) {
    keepInPlace(firstInView(), () => {
      root.dataset.framework = framework;
      if (compare && compare !== framework) root.dataset.compare = compare;
      else delete root.dataset.compare;
      if (root.dataset.beside === framework) {
        root.dataset.beside = radios.find((radio) => radio.value !== framework).value;
      }
      reflect();
    });
    remember("localStorage", framework, root.dataset.compare || "");
    remember("sessionStorage", framework, root.dataset.compare || "");
  }

  // Bring all that shows the choice in line with it.
  function reflect() {
    const { framework, compare } = root.dataset;
    for (const radio of radios) radio.checked = radio.value === framework;
    if (beside) {
      beside.value = root.dataset.beside;
      for (const option of beside.options) option.disabled = option.value === framework;
    }
    if (select) {
      select.value = compare || "";
      for (const option of select.options) option.disabled = option.value === framework;
    }
    writeAddress();
  }

  // Links that are copied carry the choice: the page's own and those of headings.
  function writeAddress() {
    const asked = new URLSearchParams(location.search);
    asked.set("framework", root.dataset.framework);
    if (root.dataset.compare) asked.set("compare", root.dataset.compare);
    else asked.delete("compare");
    try {
      history.replaceState(history.state, "", `?${asked}${location.hash}`);
    } catch {
      return; // a browser that forbids it for pages from a folder
    }
    for (const link of document.querySelectorAll("a.headerlink")) {
      link.setAttribute("href", `?${asked}${link.hash}`);
    }
  }

  // What an address asks for holds for the visit, what a reader clicks is kept.
  function remember(kind, framework, compare) {
    try {
      const storage = window[kind];
      storage.setItem("framework", framework);
      storage.setItem("compare", compare);
    } catch {
      // storage is switched off: the address still carries the choice
    }
  }

  // Change the page so that one element stays where the reader sees it.
  function keepInPlace(element, change) {
    const before = element ? element.getBoundingClientRect().top : 0;
    root.style.overflowAnchor = "none";
    change();
    if (element) {
      const moved = element.getBoundingClientRect().top - before;
      if (moved) window.scrollBy({ top: moved, behavior: "instant" });
    }
    requestAnimationFrame(() => root.style.removeProperty("overflow-anchor"));
  }

  const BLOCKS = "article :is(section, details[open]) > :not(section, details[open])";

  // What all frameworks share never disappears, so it can be held on to.
  function firstInView() {
    const blocks = [...document.querySelectorAll(BLOCKS)].filter(
      (block) => !block.matches(".tabs, .framework-bar"),
    );
    const bar = document.querySelector(".framework-bar");
    const edge = Math.max(0, bar?.getBoundingClientRect().bottom ?? 0);
    const inView = (block) => {
      const { top } = block.getBoundingClientRect();
      return top >= edge && top < window.innerHeight && isVisible(block);
    };
    return (
      blocks.find(inView) ||
      blocks.find((block) => block.getBoundingClientRect().bottom > edge)
    );
  }

  for (const radio of radios) {
    radio.addEventListener("change", () => show(radio.value, root.dataset.compare));
  }
  if (select) {
    select.addEventListener("change", () => show(root.dataset.framework, select.value));
  }
  beside?.addEventListener("change", () => {
    root.dataset.beside = beside.value;
  });
  reflect();
  remember("sessionStorage", root.dataset.framework, root.dataset.compare || "");

  // A link that leads into a hidden panel shows its framework, on this page only. Where
  // a visible panel has a copy of it, the link leads there.
  let led = null;
  function lead() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    const panel = target && target.closest(".panel");
    if (!panel || isVisible(panel)) return;
    const copies = document.querySelectorAll(`[id^="${CSS.escape(id)}-in-"]`);
    const copy = [...copies].find((each) => isVisible(each.closest(".panel")));
    if (!copy) {
      root.dataset.framework = panel.dataset.framework;
      if (root.dataset.compare === panel.dataset.framework) delete root.dataset.compare;
      reflect();
    }
    led = copy || target;
    led.scrollIntoView({ behavior: "instant" });
  }

  function isVisible(element) {
    return element.getClientRects().length > 0;
  }

  window.addEventListener("hashchange", lead);
  // Pictures above it have their height now.
  window.addEventListener("load", () => led?.scrollIntoView({ behavior: "instant" }));
  document.addEventListener("click", ({ target }) => {
    // Nothing changes in the address when the same link is followed again.
    const link = target.closest('a[href*="#"]');
    const same = link && link.hash === location.hash;
    if (same && link.pathname === location.pathname) setTimeout(lead);
  });
  lead();
})();

// A link that leads to what is folded unfolds it.
(() => {
  "use strict";
  function unfold() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (const fold of [target, ...document.querySelectorAll("details")]) {
      if (fold.contains(target) || fold.parentElement === target) fold.open = true;
    }
  }
  window.addEventListener("hashchange", unfold);
  unfold();

  // What goes deeper is printed with the page; solutions are, where they are open.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll(".advanced > details:not([open])")];
    for (const fold of opened) fold.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const fold of opened) fold.open = false;
  });
})();
