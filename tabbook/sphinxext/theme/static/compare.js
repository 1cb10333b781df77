// Two frameworks beside each other: the lines of their outputs that differ are marked.
//
// The marks are highlights, which change no element and move no text; the style sheet
// underlines them, so that they are seen without colours, too.
(() => {
  "use strict";
  const root = document.documentElement;
  if (!root.dataset.framework || !window.Highlight) return;
  const NAME = "differing-lines";

  // Return the outputs of a panel's cells, in order.
  function outputs(panel) {
    return [...panel.querySelectorAll(":scope > div.cell")].map((cell) =>
      [...cell.querySelectorAll(".cell_output pre")].flatMap(lines),
    );
  }

  // Return the lines of a block: the text, and where it begins and ends.
  function lines(block) {
    const found = [];
    let line = { text: "", range: new Range() };
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      let begin = 0;
      for (const piece of node.data.split(/(?<=\n)/)) {
        const end = begin + piece.trimEnd().length;
        if (!line.text) line.range.setStart(node, begin);
        if (piece.trim()) line.range.setEnd(node, end);
        line.text += piece;
        if (piece.endsWith("\n")) {
          found.push(line);
          line = { text: "", range: new Range() };
        }
        begin += piece.length;
      }
    }
    found.push(line);
    return found.filter(({ text }) => text.trim());
  }

  // Return the lines that have no equal among others; equal lines are paired once.
  function alone(own, others) {
    const left = others.map(({ text }) => text.trim());
    return own.filter(({ text }) => {
      const at = left.indexOf(text.trim());
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
  }

  function differing(tabs) {
    const shown = [...tabs.querySelectorAll(":scope > .panel")].filter(
      (panel) => panel.getClientRects().length,
    );
    if (shown.length !== 2) return [];
    const [one, other] = shown.map(outputs);
    return one.flatMap((own, at) => {
      const beside = other[at];
      return beside?.length && own.length
        ? [...alone(own, beside), ...alone(beside, own)]
        : [];
    });
  }

  function mark() {
    const compared = root.dataset.compare ? ".tabs" : ".cover-code > .tabs";
    const found = [...document.querySelectorAll(compared)].flatMap(differing);
    const ranges = found.map(({ range }) => range);
    if (ranges.length) CSS.highlights.set(NAME, new Highlight(...ranges));
    else CSS.highlights.delete(NAME);
  }

  new MutationObserver(mark).observe(root, {
    attributes: true,
    attributeFilter: ["data-framework", "data-compare", "data-beside"],
  });
  mark();
})();
