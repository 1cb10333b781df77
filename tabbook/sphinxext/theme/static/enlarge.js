// Figures and tables that a narrow page shrinks or cuts open in a dialog.
(() => {
  "use strict";
  const page = document.querySelector(".page");
  const SHRUNK = 0.85; // of the width that its author gave it
  const boxes = [...document.querySelectorAll("article figure, article .table-wrapper")];
  if (!page || !boxes.length) return;
  const { enlarge, close } = page.dataset;
  let dialog = null;

  function button(className, words) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.title = words;
    made.setAttribute("aria-label", words);
    return made;
  }

  function build() {
    const made = document.createElement("dialog");
    made.id = "enlarged";
    made.setAttribute("aria-label", enlarge);
    const end = button("enlarged-close", close);
    const content = document.createElement("div");
    content.className = "enlarged-content";
    content.tabIndex = 0;
    content.setAttribute("role", "group");
    content.setAttribute("aria-label", enlarge);
    made.append(end, content);
    end.addEventListener("click", () => made.close());
    made.addEventListener("click", (event) => event.target === made && made.close());
    document.querySelector("article").append(made);
    return made;
  }

  // Focus returns to the button by itself when a dialog closes.
  function open(box) {
    dialog ||= build();
    const shown = (box.querySelector("img, svg, table") || box).cloneNode(true);
    for (const one of [shown, ...shown.querySelectorAll("[id]")]) one.removeAttribute("id");
    const caption = box.querySelector("figcaption, caption");
    dialog.setAttribute("aria-label", caption?.textContent.trim() || enlarge);
    dialog.lastElementChild.replaceChildren(shown);
    dialog.showModal();
    dialog.lastElementChild.scrollTo(0, 0);
  }

  function small(box) {
    const image = box.querySelector("img");
    if (!image) return box.scrollWidth > box.clientWidth + 1;
    const own = parseFloat(image.style.width) || image.naturalWidth;
    return image.clientWidth > 0 && image.clientWidth < own * SHRUNK;
  }

  const buttons = new Map();
  function offer() {
    for (const [box, shrunk] of boxes.map((each) => [each, small(each)])) {
      if (shrunk && !buttons.has(box)) {
        const made = button("enlarge", enlarge);
        made.addEventListener("click", () => open(box));
        box.querySelector("img")?.addEventListener("click", () => {
          if (!made.hidden) made.click();
        });
        box.before(made);
        buttons.set(box, made);
      }
      box.classList.toggle("small", shrunk);
      if (buttons.has(box)) buttons.get(box).hidden = !shrunk;
    }
  }

  let asked = 0;
  new ResizeObserver(() => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(offer);
  }).observe(document.querySelector("article"));
  addEventListener("load", offer);
})();
