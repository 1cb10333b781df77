// A book while it is written: a page is loaded anew when there is a newer one, and tells
// what runs, what failed, and what keeps a newer page from being made.
(() => {
  "use strict";
  const box = document.createElement("div");
  box.id = "live";
  box.setAttribute("role", "status");
  document.body.append(box);

  function line(state, title, text) {
    const made = document.createElement("p");
    if (state) made.dataset.state = state;
    const word = document.createElement("b");
    word.textContent = title;
    made.append(word, " ", text);
    return made;
  }

  // The frameworks whose cells are marked, by the word that marks them.
  function states() {
    return ["running", "failed"].flatMap((state) => {
      const cells = [...document.querySelectorAll(`[data-state="${state}"]`)];
      if (!cells.length) return [];
      const labels = cells.map(
        (cell) => cell.closest(".panel")?.getAttribute("aria-label"),
      );
      const word = cells[0].querySelector(".state").textContent;
      return [line(state, word, [...new Set(labels)].filter(Boolean).join(", "))];
    });
  }

  function tell(problems) {
    box.replaceChildren(...states(), ...problems.map((one) => line("", "", one)));
  }

  // What the author has opened stays open when the page is loaded anew.
  const OPEN = `tabbook-open ${location.pathname}`;
  const folds = () => [...document.querySelectorAll("article details")];

  function reload() {
    const open = folds().flatMap((fold, at) => (fold.open ? [at] : []));
    sessionStorage.setItem(OPEN, JSON.stringify(open));
    location.reload();
  }

  for (const at of JSON.parse(sessionStorage.getItem(OPEN) || "[]")) {
    const fold = folds()[at];
    if (fold) fold.open = true;
  }
  sessionStorage.removeItem(OPEN);

  function listen() {
    const socket = new WebSocket(`ws://${location.host}/live`);
    // When this page was asked for: the server knows whether there is a newer one.
    socket.onopen = () => socket.send(String(performance.timeOrigin));
    socket.onmessage = (event) => {
      const said = JSON.parse(event.data);
      if (said.reload) reload();
      else tell(said.problems);
    };
    socket.onclose = () => setTimeout(listen, 500);
  }
  listen();
})();
