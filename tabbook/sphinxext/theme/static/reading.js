// What helps a reader: copying code, long outputs, menus of narrow screens, boxes that
// scroll.
(() => {
  "use strict";
  const page = document.querySelector(".page");
  if (!page) return;

  // --- Print: in light colours, whatever style sheets the book brings.

  let theme;
  addEventListener("beforeprint", () => {
    theme = document.body.dataset.theme;
    document.body.dataset.theme = "light";
  });
  addEventListener("afterprint", () => {
    document.body.dataset.theme = theme;
  });

  // --- Copy: code without what it printed, and without prompts.

  const said = document.createElement("span");
  said.className = "said";
  said.setAttribute("role", "status");

  function codeOf(box) {
    const code = box.querySelector("pre").cloneNode(true);
    if (code.querySelector(".gp")) {
      const lines = code.innerHTML.split("\n").filter((line) => line.includes('class="gp"'));
      code.innerHTML = lines.join("\n");
      for (const prompt of code.querySelectorAll(".gp")) prompt.remove();
    }
    return code.textContent.trimEnd();
  }

  async function write(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea"); // where a page may not write
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  }

  const listings = document.querySelectorAll("article div:not(.output) > div.highlight");
  if (listings.length) document.querySelector("main").append(said);
  for (const box of listings) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.title = page.dataset.copy;
    button.setAttribute("aria-label", page.dataset.copy);
    button.addEventListener("click", async () => {
      await write(codeOf(box));
      said.textContent = page.dataset.copied;
      button.classList.add("done");
      setTimeout(() => {
        said.textContent = "";
        button.classList.remove("done");
      }, 2000);
    });
    box.append(button);
  }

  // --- Long outputs: the style sheet shows their beginning.

  for (const output of document.querySelectorAll(".output.long")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "unfold";
    const set = (open) => {
      output.classList.toggle("open", open);
      button.setAttribute("aria-expanded", String(open));
      button.textContent = open ? page.dataset.fold : page.dataset.unfold;
    };
    button.addEventListener("click", () => {
      const open = !output.classList.contains("open");
      set(open);
      if (!open) output.scrollIntoView({ block: "nearest" });
    });
    set(false);
    output.append(button);
  }

  // --- The two drawers: opened by a button, closed by Escape and by choosing.

  function set(box, open) {
    box.checked = open;
    for (const button of document.querySelectorAll(`[data-opens="${box.id}"]`)) {
      button.setAttribute("aria-expanded", String(open));
    }
  }

  for (const [id, drawer] of [
    ["__navigation", document.querySelector(".sidebar-drawer")],
    ["__toc", document.querySelector(".toc-drawer")],
  ]) {
    const box = document.getElementById(id);
    const buttons = [...document.querySelectorAll(`[data-opens="${id}"]`)];
    for (const button of buttons) {
      button.addEventListener("click", () => {
        set(box, !box.checked);
        if (box.checked) drawer.querySelector("a")?.focus({ preventScroll: true });
      });
    }
    box.addEventListener("change", () => set(box, box.checked));
    drawer.addEventListener("click", (event) => {
      if (event.target.closest("a")) set(box, false);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !box.checked) return;
      set(box, false);
      buttons.find((button) => button.offsetParent)?.focus();
    });
  }

  // --- A box whose content is wider than it can be reached and scrolled by key.

  const boxes = [
    ...document.querySelectorAll("article pre, .math-block, .table-wrapper, article figure, .output.text_html"),
  ];
  // Code that is cut says so: a shade at its edge, and a button that wraps all code.
  const root = document.documentElement;
  function addWrap(box) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "wrap";
    button.title = page.dataset.wrap;
    button.setAttribute("aria-label", page.dataset.wrap);
    button.addEventListener("click", () => {
      if (root.dataset.wrap) delete root.dataset.wrap;
      else root.dataset.wrap = "on";
      try {
        localStorage.setItem("wrap", root.dataset.wrap || "");
      } catch {
        // storage is switched off: the choice holds for this page
      }
      reach();
    });
    box.append(button);
    return button;
  }

  // Whether code has longer lines than its box, be they cut or wrapped.
  function isLong(code, width) {
    if (!root.dataset.wrap) return code.scrollWidth > width + 1;
    const lines = code.textContent.trimEnd().split("\n").length;
    const range = new Range();
    range.selectNodeContents(code);
    const height = range.getBoundingClientRect().height;
    return height > (lines + 0.5) * parseFloat(getComputedStyle(code).lineHeight);
  }

  const wraps = new Map();
  function offerWrap(listing, cut) {
    if (cut && !wraps.has(listing)) wraps.set(listing, addWrap(listing));
    const button = wraps.get(listing);
    if (!button) return;
    button.hidden = !cut && !root.dataset.wrap;
    button.setAttribute("aria-pressed", String(Boolean(root.dataset.wrap)));
  }

  function reach() {
    // All is measured before anything is written, so that the page is laid out once.
    const cut = [...listings].map((one) => isLong(one.firstElementChild, one.clientWidth));
    const wide = boxes.map((box) => box.scrollWidth > box.clientWidth + 1);
    listings.forEach((one, at) => offerWrap(one, cut[at]));
    boxes.forEach((box, at) => {
      if (wide[at]) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  }
  let asked = 0;
  new ResizeObserver(() => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(reach);
  }).observe(document.querySelector("article"));
  new MutationObserver(reach).observe(root, {
    attributes: true,
    attributeFilter: ["data-wrap", "data-framework", "data-compare", "data-size"],
  });
})();
