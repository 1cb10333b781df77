// A reference shows what it leads to, to a mouse over it and to the focus of a keyboard.
// A finger has neither: there a term opens a sheet at the window's foot.
//
// A page that lies in a folder may read no other: there only what stands on the page
// itself is shown, and a link is a link.
(() => {
  "use strict";
  const article = document.querySelector("article");
  if (!article) return;
  const WAIT = 250; // milliseconds until it opens, and until it closes
  const GAP = 6; // pixels between it and the link, and to the window's edge
  const PARAGRAPHS = 2;

  const box = document.createElement("div");
  box.id = "preview";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  article.append(box);

  const documents = new Map([[location.pathname, Promise.resolve(document)]]);
  let timer = 0;
  let shown = null; // the link it belongs to

  async function load(path) {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  // Return the elements that a link leads to, as few as tell what it is.
  function led(page, id) {
    const target = id ? page.getElementById(id) : page.querySelector("article section");
    if (!target) return [];
    const term = target.closest("dt");
    if (term) return [term, term.nextElementSibling];
    const whole = target.closest("figure, .math-block, table");
    if (whole) return [whole];
    const section = target.closest("section");
    if (!section) return [];
    const all = section.querySelectorAll(":is(:scope, :scope > details) > p");
    const text = [...all].slice(0, PARAGRAPHS);
    return [section.querySelector("h1, h2, h3, h4, h5, h6"), ...text];
  }

  // Return a copy that leads nowhere and is no second place of an id.
  function copy(element, address) {
    const made = element.cloneNode(true);
    for (const one of made.querySelectorAll(".headerlink, button")) one.remove();
    for (const one of made.querySelectorAll("a")) one.replaceWith(...one.childNodes);
    for (const one of [made, ...made.querySelectorAll("[id], [tabindex]")]) {
      one.removeAttribute("id");
      one.removeAttribute("tabindex");
    }
    for (const one of made.querySelectorAll("img")) {
      one.src = new URL(one.getAttribute("src"), address).href;
    }
    if (/^H[1-6]$/.test(made.tagName)) {
      const title = document.createElement("p");
      title.className = "preview-title";
      title.append(...made.childNodes);
      return title;
    }
    return made;
  }

  function place(link) {
    const near = link.getClientRects()[0] || link.getBoundingClientRect();
    const { width, height } = box.getBoundingClientRect();
    const room = document.documentElement.clientWidth - width - GAP;
    const below = near.bottom + GAP;
    const above = near.top - GAP - height;
    const fits = below + height < window.innerHeight || above < 0;
    box.style.left = `${Math.max(GAP, Math.min(near.left, room))}px`;
    box.style.top = `${fits ? below : above}px`;
  }

  // Return copies of what a link leads to; none from a folder, or without a network.
  async function contents(link) {
    const address = new URL(link.href);
    const { pathname, hash } = address;
    if (!documents.has(pathname)) documents.set(pathname, load(pathname));
    try {
      const page = await documents.get(pathname);
      const found = led(page, decodeURIComponent(hash.slice(1)));
      const copies = found.filter(Boolean).map((one) => copy(one, address));
      if (copies[0]?.tagName !== "DT") return copies;
      const list = document.createElement("dl");
      list.append(...copies);
      return [list];
    } catch {
      return [];
    }
  }

  async function show(link) {
    const found = await contents(link);
    if (link !== shown || !found.length) return;
    box.replaceChildren(...found);
    box.hidden = false;
    link.setAttribute("aria-describedby", box.id);
    place(link);
  }

  function hide() {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    box.hidden = true;
  }

  function later(action) {
    clearTimeout(timer);
    timer = setTimeout(action, WAIT);
  }

  function open(link) {
    if (link === shown) {
      clearTimeout(timer);
      return;
    }
    later(() => {
      hide();
      shown = link;
      show(link);
    });
  }

  // --- The sheet

  const { more, close } = document.querySelector(".page").dataset;
  let sheet = null;

  function build() {
    const made = document.createElement("dialog");
    made.id = "sheet";
    const end = document.createElement("button");
    end.type = "button";
    end.className = "sheet-close";
    end.textContent = close;
    end.addEventListener("click", () => made.close());
    made.addEventListener("click", (event) => event.target === made && made.close());
    made.append(document.createElement("div"), end);
    article.append(made);
    return made;
  }

  async function openSheet(link) {
    const found = await contents(link);
    if (!found.length) {
      location.assign(link.href);
      return;
    }
    sheet ||= build();
    const onward = document.createElement("a");
    onward.href = link.href;
    onward.textContent = more;
    sheet.firstElementChild.replaceChildren(...found, onward);
    sheet.setAttribute("aria-label", link.textContent);
    sheet.showModal();
  }

  const finger = matchMedia("(hover: none)");
  for (const link of article.querySelectorAll(".term > a.reference")) {
    link.addEventListener("click", (event) => {
      if (!finger.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      hide();
      openSheet(link);
    });
  }

  for (const link of article.querySelectorAll("section a.reference.internal")) {
    if (new URL(link.href).origin !== location.origin) continue;
    link.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse") open(link);
    });
    link.addEventListener("pointerleave", () => later(hide));
    link.addEventListener("focus", () => {
      if (link.matches(":focus-visible")) open(link);
    });
    link.addEventListener("blur", () => later(hide));
  }
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => later(hide));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  window.addEventListener("scroll", () => shown && hide(), { passive: true });
})();
