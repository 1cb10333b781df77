"""Check Japanese prose: words, spaces, character widths, sentences, bold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.prose.passages import LEFT_OUT, Passage, passages
from tabbook.source.section import Section

LONGEST = 100
"""Most characters of a sentence."""
MOST_COMMAS = 3
"""Most 、 in a sentence."""

WIDE = "\u3001-\u303f\u3040-\u30ff\u3400-\u9fff\uff01-\uff60"
NARROW = f"!-~{LEFT_OUT}"
SPACE = re.compile(f"(?<=[{WIDE}]) +(?=[{WIDE}{NARROW}])|(?<=[{NARROW}]) +(?=[{WIDE}])")
HALF_WIDTH = re.compile(
    f"(?<=[{WIDE}])[,.!?:;()](?!\\d)|\\((?=[{WIDE}])|[\uff61-\uff9f]"
)
FULL_WIDTH = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+")
SENTENCE = re.compile(r"(?:「[^」]*」|（[^）]*）|[^。！？])*[。！？]?")
ASIDE = re.compile(r"（[^）]*）$")
POLITE = re.compile(
    "(?:です|ます|でした|ました|ません|ませんでした|ましょう|でしょう|ください)か?$"
)


def text(book: Book, section: Section) -> Iterator[Finding]:
    """Find prose that does not follow the style guide for Japanese."""
    if not book.config.language.startswith("ja"):
        return
    for passage in passages(section):
        shown = passage.text
        yield from _words(book, passage, shown)
        yield from _width(passage, shown)
        yield from _line_breaks(passage)
        yield from _bold(passage)
        yield from _heading(passage, shown)
        for sentence in SENTENCE.findall(shown.replace("\n", "")):
            yield from _sentence(passage, sentence)


def _words(book: Book, passage: Passage, shown: str) -> Iterator[Finding]:
    for form, preferred in book.words.avoided(shown):
        message = f"{form!r} is listed as a form to avoid; write {preferred!r}"
        yield Finding(passage.line, "avoided-form", message)


def _width(passage: Passage, shown: str) -> Iterator[Finding]:
    """Find spaces and characters of the wrong width."""
    if match := SPACE.search(shown):
        yield Finding(
            passage.line,
            "space-in-japanese",
            f"a space in {_around(shown, match)!r}; delete it",
        )
    if match := HALF_WIDTH.search(shown):
        yield Finding(
            passage.line,
            "half-width-mark",
            f"{match[0]!r} in {_around(shown, match)!r} is half-width; write its "
            "full-width form",
        )
    if match := FULL_WIDTH.search(shown):
        message = f"{match[0]!r} is full-width; write half-width letters and digits"
        yield Finding(passage.line, "full-width-letter", message)


def _line_breaks(passage: Passage) -> Iterator[Finding]:
    wide_end = re.compile(f"[{WIDE}]$|^[{WIDE}]")
    for at, (line, after) in enumerate(
        zip(passage.lines, passage.lines[1:], strict=False)
    ):
        if wide_end.search(line) or wide_end.match(after):
            message = "notebooks show this line break as a space; join the lines"
            yield Finding(passage.line + at, "line-break-in-japanese", message)


def _bold(passage: Passage) -> Iterator[Finding]:
    texts = [token.content for token in passage.tokens if token.type == "text"]
    for wrong in [text for text in texts if "**" in text][:1]:
        yield Finding(
            passage.line,
            "unrendered-bold",
            f"readers would see the asterisks in {wrong[-20:]!r}; move brackets, 。 "
            "and code out of bold",
        )


def _heading(passage: Passage, shown: str) -> Iterator[Finding]:
    if passage.kind == "heading" and re.search("(?:。|です|ます)$", shown):
        message = f"the heading {shown!r} is a sentence; end it with a noun"
        yield Finding(passage.line, "tone", message)


def _sentence(passage: Passage, sentence: str) -> Iterator[Finding]:
    start = sentence[:12].replace(LEFT_OUT, "…")
    if len(sentence) > LONGEST:
        message = f"the sentence {start!r}… has {len(sentence)} characters; at most 100"
        yield Finding(passage.line, "long-sentence", message)
    if sentence.count("、") > MOST_COMMAS:
        message = f"the sentence {start!r}… has {sentence.count('、')} 、; at most 3"
        yield Finding(passage.line, "many-commas", message)
    plain = ASIDE.sub("", sentence.removesuffix("。"))
    ends = passage.kind == "paragraph" and sentence.endswith("。")
    if ends and not POLITE.search(plain):
        end = plain[-6:].replace(LEFT_OUT, "…")
        message = f"the sentence {start!r}… ends in {end!r}; write です or ます"
        yield Finding(passage.line, "tone", message)


def _around(text: str, match: re.Match[str]) -> str:
    around = text[max(match.start() - 6, 0) : match.end() + 6]
    return around.replace(LEFT_OUT, "…")
