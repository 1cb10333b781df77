// Search in the whole book, on the search page and in the palette.
//
// search-index.js has set `searchIndex`: the names and labels of the frameworks, the terms
// of the book with their synonyms, and for each page its address, its title and its entries
// [level, anchor, title, passages]. A passage is [frameworks, kind, text]: frameworks is a
// number with a bit for each, 0 for what all share; kind is 0 for text, 1 for code, 2 for
// output.
(() => {
  "use strict";
  const LIMIT = 100;
  const BEFORE = 24; // letters of an excerpt before the first hit
  const LENGTH = 110; // and in all
  const KINDS = [1, 0.7, 0.5]; // what a hit in text, code and output is worth
  const TITLE = 100;
  const HEADING = 40;

  const words = JSON.parse(document.getElementById("search-words").textContent);
  const form = document.getElementById("search-form");
  const input = document.getElementById("search-query");
  const status = document.getElementById("search-status");
  const list = document.getElementById("search-results");
  const palette = form.closest("dialog");
  const root = document.documentElement.dataset.content_root || "";
  const home = root === "./" ? "" : root;
  const WAIT = 50; // milliseconds after the last key

  // --- Letters ----------------------------------------------------------------

  // Text and query are compared in one form: full-width and half-width letters, upper
  // and lower case are the same, and so are パラメーター and パラメータ.
  const normal = (text) => text.normalize("NFKC").toLowerCase();
  const LONG = /([ァ-ヴー]{2})ー(?![ァ-ヴー])/g;
  const fold = (text) => normal(text).replace(LONG, "$1");

  // Return the same form of a text, and where each of its letters came from.
  function foldWithPlaces(text) {
    let folded = "";
    const places = [];
    for (const match of text.matchAll(/.[\p{M}\uff9e\uff9f]*/gsu)) {
      const letters = normal(match[0]);
      for (let at = 0; at < letters.length; at += 1) places.push(match.index);
      folded += letters;
    }
    places.push(text.length);
    const gone = [...folded.matchAll(LONG)].map((one) => one.index + 2).reverse();
    for (const at of gone) {
      folded = folded.slice(0, at) + folded.slice(at + 1);
      places.splice(at, 1);
    }
    return { folded, places };
  }

  // Kanji, katakana, Latin letters and the rest: where one follows another, a word ends.
  const SCRIPTS = [/[\p{sc=Latin}\p{sc=Greek}\d]/u, /[\p{sc=Katakana}ー]/u, /\p{sc=Han}/u];
  const script = (letter) => SCRIPTS.findIndex((one) => one.test(letter));
  const together = (one, other) =>
    Boolean(one && other) && script(one) >= 0 && script(one) === script(other);

  // Return what an occurrence is worth: that of a whole word more than that of a part.
  function worth(text, word, at) {
    const end = at + word.length;
    const begins = !together(text[at - 1], word[0]);
    const ends = !together(word[word.length - 1], text[end]);
    // One or two Latin letters, as in `lr`, are no part of another word.
    if (word.length < 3 && script(word[0]) === 0 && !(begins && ends)) return 0;
    return begins && ends ? 1 : begins || ends ? 0.6 : 0.25;
  }

  function* occurrences(text, word) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
      const value = worth(text, word, at);
      if (value) yield { at, value };
    }
  }

  function sum(text, word) {
    let found = 0;
    for (const { value } of occurrences(text, word)) found += value;
    return found;
  }

  // --- The index ---------------------------------------------------------------

  let every = 0; // the bits of all frameworks

  function read({ frameworks, pages }) {
    every = (1 << frameworks.length) - 1;
    return pages.map(([address, title, entries]) => {
      const trail = [];
      const page = { address, title, entries: [] };
      for (const [level, anchor, heading, passages] of entries) {
        trail.length = Math.max(level - 1, 0);
        page.entries.push({
          page,
          level,
          anchor,
          heading,
          trail: trail.filter(Boolean),
          folded: fold(heading),
          above: fold([title, ...trail].join("\n")),
          passages: passages.map(([bits, kind, text]) => ({
            bits: bits || every,
            kind,
            text,
            folded: fold(text),
          })),
        });
        trail[trail.length] = heading;
      }
      return page;
    });
  }

  // Hiragana is katakana, so that a reading is found however it is typed.
  const sound = (text) =>
    fold(text).replace(/[ぁ-ゖ]/g, (letter) =>
      String.fromCharCode(letter.charCodeAt(0) + 96),
    );

  // Return the term that each form leads to; a term leads to itself.
  function readSynonyms(synonyms) {
    const terms = new Map();
    for (const [term] of synonyms) terms.set(sound(term), term);
    for (const [term, ...forms] of synonyms) {
      for (const form of forms) {
        if (!terms.has(sound(form))) terms.set(sound(form), term);
      }
    }
    return terms;
  }

  // --- Finding -------------------------------------------------------------------

  // Return how well a word fits an entry: score, and the frameworks that show it.
  function fit(entry, word) {
    let body = 0;
    let bits = 0;
    for (const passage of entry.passages) {
      const value = sum(passage.folded, word) * KINDS[passage.kind];
      if (value) bits |= passage.bits;
      body += value;
    }
    let score = body && Math.log2(1 + body);
    if (sum(entry.folded, word)) {
      bits = every;
      const share = word.length / entry.folded.length;
      score += (entry.level <= 1 ? TITLE : HEADING) * (1 + share);
      if (share === 1) score += TITLE * 2;
      // A term of the glossary, with its translation in brackets behind it.
      else if (entry.folded.startsWith(`${word}(`)) score += TITLE / 2;
    }
    return { score, bits };
  }

  // Return what an entry has of all words, or nothing where it lacks one.
  function match(entry, query) {
    let [score, common, any] = [0, every, 0];
    for (const word of query) {
      const found = fit(entry, word);
      if (!found.score && !sum(entry.above, word)) return null;
      score += found.score;
      if (found.score) {
        common &= found.bits;
        any |= found.bits;
      }
    }
    if (query.every((word) => sum(entry.folded, word))) score += TITLE;
    return score ? { entry, score, bits: common || any } : null;
  }

  // Return the result of a page no part of which has all the words.
  function matchPage(page, query) {
    const whole = {
      ...page.entries[0],
      level: 1,
      heading: page.title,
      folded: fold(page.title),
      trail: [],
      passages: page.entries.flatMap((entry) => [
        { bits: every, kind: 0, text: entry.heading, folded: entry.folded },
        ...entry.passages,
      ]),
    };
    const found = match(whole, query);
    return found && { ...found, score: found.score / 10 };
  }

  function find(pages, query) {
    if (!query.length) return [];
    const results = pages.flatMap((page) => {
      const found = page.entries.map((entry) => match(entry, query)).filter(Boolean);
      const whole = found.length || !page.entries.length ? null : matchPage(page, query);
      return whole ? [whole] : found;
    });
    return results.sort((one, other) => other.score - one.score);
  }

  const split = (text) => [...new Set(fold(text).split(/\s+/).filter(Boolean))];

  // パラメータの共有 is パラメータ and 共有 to who finds nothing under the whole.
  function apart(text) {
    const parts = normal(text).match(/[\p{sc=Katakana}ー]+|\p{sc=Han}+|[\w.]+/gu) || [];
    return [...new Set(parts)].join(" ");
  }

  // --- Showing --------------------------------------------------------------------

  const say = (text, values) =>
    text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  function make(tag, name, ...children) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...children);
    return made;
  }

  // Return the lines that show the words, as few as do.
  function excerpts({ entry, bits }, query) {
    const lines = entry.passages
      .filter((passage) => passage.bits & bits)
      .flatMap(({ bits: whose, kind, text }) =>
        text.split("\n").map((line) => ({ kind, line, whose })),
      );
    const shown = [];
    let left = query;
    while (left.length && shown.length < 3) {
      const best = bestLine(lines, left);
      if (!best) break;
      shown.push(best);
      left = left.filter((word) => !sum(fold(best.line), word));
    }
    if (!shown.length && lines.length) shown.push(lines[0]);
    return shown.map(({ kind, line }) => excerpt(kind, line.trim(), query));
  }

  function bestLine(lines, query) {
    let [best, most] = [null, 0];
    for (const one of lines) {
      const folded = fold(one.line);
      let value = 0;
      for (const word of query) {
        const found = Math.max(0, ...[...occurrences(folded, word)].map((x) => x.value));
        value += found && 1 + found;
      }
      value *= KINDS[one.kind] * (one.whose === every ? 1 : 0.9);
      if (value > most) [best, most] = [one, value];
    }
    return best;
  }

  function excerpt(kind, line, query) {
    const made = make("p", kind ? "search-excerpt search-code" : "search-excerpt");
    const hits = ranges(line, query);
    const first = hits.length ? hits[0][0] : 0;
    const begin = first > BEFORE * 2 ? first - BEFORE : 0;
    const end = Math.min(line.length, begin + LENGTH);
    const inside = hits.filter(([from]) => from < end);
    const place = kind ? make("code") : made;
    if (begin) place.append("…");
    mark(place, line, begin, Math.max(end, ...inside.map(([, to]) => to)), inside);
    if (end < line.length) place.append("…");
    if (kind) made.append(place);
    return made;
  }

  // Return where words stand in a line, from and to, without overlaps.
  function ranges(line, query) {
    const { folded, places } = foldWithPlaces(line);
    const found = query
      .flatMap((word) =>
        [...occurrences(folded, word)].map(({ at }) => [
          places[at],
          places[at + word.length],
        ]),
      )
      .sort((one, other) => one[0] - other[0]);
    const merged = [];
    for (const [from, to] of found) {
      const last = merged[merged.length - 1];
      if (last && from <= last[1]) last[1] = Math.max(last[1], to);
      else merged.push([from, to]);
    }
    return merged;
  }

  function mark(place, line, begin, end, hits) {
    let at = begin;
    for (const [from, to] of hits) {
      place.append(line.slice(at, from), make("mark", "", line.slice(from, to)));
      at = to;
    }
    place.append(line.slice(at, end));
  }

  function marked(text, query) {
    const made = make("span", "");
    mark(made, text, 0, text.length, ranges(text, query));
    return made;
  }

  function address({ entry }, framework) {
    const asked = framework ? `?framework=${encodeURIComponent(framework)}` : "";
    const anchor = entry.level > 1 && entry.anchor ? `#${entry.anchor}` : "";
    return home + entry.page.address + asked + anchor;
  }

  function link(where, name, ...children) {
    const made = make("a", name, ...children);
    made.href = where;
    return made;
  }

  function item(result, query) {
    const { entry, bits } = result;
    const all = searchIndex.frameworks.filter((one, at) => bits & (1 << at));
    const own = bits === every ? [] : all.map(([name]) => name);
    const { framework } = document.documentElement.dataset;
    const chosen = own.includes(framework) ? framework : own[0];
    const title = make("p", "search-title");
    title.append(link(address(result, chosen), "", marked(entry.heading, query)));
    for (const [name, label] of own.length ? all : []) {
      title.append(" ", link(address(result, name), "search-framework", label));
    }
    const made = make("li", "", title);
    const trail = entry.level > 1 ? entry.trail : [];
    if (trail.length) made.append(make("p", "search-trail", trail.join(" › ")));
    made.append(...excerpts(result, query));
    return made;
  }

  // Return what is searched for and found, and a note where that is not what was asked:
  // a synonym leads to its term, and a phrase that stands nowhere is searched in parts.
  function answer(pages, asked) {
    const term = terms.get(sound(asked));
    if (term && fold(term) !== fold(asked)) {
      const ofTerm = find(pages, split(term));
      const others = find(pages, split(asked)).filter(
        ({ entry }) => !ofTerm.some((one) => one.entry === entry),
      );
      return {
        query: [...split(term), ...split(asked)],
        results: [...ofTerm, ...others],
        note: say(words.synonym, { form: asked, term }),
      };
    }
    const query = split(asked);
    const results = find(pages, query);
    return results.length ? { query, results } : inOtherWords(pages, asked, query);
  }

  function inOtherWords(pages, asked, query) {
    const known = query.map((word) => terms.get(sound(word)) ?? word).join(" ");
    for (const other of [known, apart(asked)]) {
      const parts = split(other);
      const results = other && other !== normal(asked) ? find(pages, parts) : [];
      if (results.length) {
        return { query: parts, results, note: say(words.apart, { query: other }) };
      }
    }
    return { query, results: [] };
  }

  function none(pages, asked, query) {
    const missing = query.filter((word) => !find(pages, [word]).length);
    const lacking = query.length > 1 && missing.length;
    return [
      say(words.none, { query: asked }),
      ...(lacking ? [say(words.missing, { words: missing.join(words.comma) })] : []),
    ];
  }

  function show(pages, entered) {
    const asked = entered.trim();
    const { query, results, note } = answer(pages, asked);
    const shown = results.slice(0, LIMIT);
    list.replaceChildren(...shown.map((result) => item(result, query)));
    const said = [];
    if (results.length) {
      const more = results.length > LIMIT ? say(words.shown, { shown: LIMIT }) : "";
      if (note && !terms.has(sound(asked))) said.push(say(words.none, { query: asked }));
      if (note) said.push(note);
      said.push(say(words.found, { query: asked, count: results.length }) + more);
    } else if (query.length) {
      said.push(...none(pages, asked, query));
    }
    status.replaceChildren(...said.map((text) => make("p", "", text)));
  }

  // The page that a result leads to marks what the result shows marked.
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    const marks = [...link.closest("li").querySelectorAll("mark")].map((one) => one.textContent);
    try {
      sessionStorage.setItem("search-marks", JSON.stringify([...new Set(marks)]));
    } catch {
      // a browser that stores nothing
    }
    palette?.close();
    const here = link.href.split("#")[0] === location.href.split("#")[0];
    if (here) dispatchEvent(new Event("searchmarks"));
  });

  // --- The page -------------------------------------------------------------------

  let pages = null;
  let terms = null;

  function search() {
    show(pages, input.value);
    if (palette) return;
    const where = new URLSearchParams(location.search);
    where.set("q", input.value);
    try {
      history.replaceState(history.state, "", `?${where}`);
    } catch {
      // a browser that forbids it for pages from a folder
    }
  }

  function take() {
    if (!window.searchIndex) {
      status.replaceChildren(make("p", "", words.broken));
      return;
    }
    pages = read(searchIndex);
    terms = readSynonyms(searchIndex.synonyms);
    search();
  }

  // The index is large: the page fetches it for the first query.
  let fetching = null;
  function again() {
    if (pages) search();
    else if (window.searchIndex || palette) take();
    else if (!fetching) {
      fetching = make("script", "");
      fetching.src = form.dataset.index;
      fetching.onload = fetching.onerror = take;
      document.head.append(fetching);
    }
  }

  if (!palette) input.value = new URLSearchParams(location.search).get("q") || "";
  if (palette || input.value) again();
  if (!input.value) input.focus();

  let waiting = 0;
  input.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (!event.isComposing) waiting = setTimeout(again, WAIT);
  });
  input.addEventListener("compositionend", () => {
    clearTimeout(waiting);
    waiting = setTimeout(again, WAIT);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    again();
    if (palette) list.querySelector("a")?.click();
  });
})();
