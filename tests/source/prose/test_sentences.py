"""Passages are split into sentences, in Japanese and in English."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tabbook.source.prose.passages import passages
from tabbook.source.prose.sentences import Sentence, sentences, spans
from tabbook.source.section import Section
from tests.support.tables import examples


def read(text: str) -> list[Sentence]:
    return [
        sentence
        for passage in passages(Section("one", text))
        for sentence in sentences(passage)
    ]


@pytest.mark.parametrize(
    ("text", "expected"), examples(Path(__file__).parent / "sentences.txt")
)
def test_passage_is_split_into_sentences(text: str, expected: str) -> None:
    split = [sentence.text for sentence in read(text)]
    assert split == [line.replace("`", "") for line in expected.splitlines()]


def test_sentence_knows_its_line_its_code_and_its_words() -> None:
    first, second = read("# Title\n\nOne `x` and $y$.\nAnd `z` ends it.\n")[1:]
    assert (first.line, first.code, first.text) == (3, ("x",), "One x and y.")
    assert (second.line, second.code, second.text) == (4, ("z",), "And z ends it.")
    assert "x" not in first.words
    assert len(first.words) == len(first.text)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("値はどうなるでしょうか。", True),
        ("値を予想してください。", True),
        ("値を調べましょう。", True),
        ("What is it?", True),
        ("値は2です。", False),
        ("It is 2.", False),
    ],
)
def test_questions_and_requests_are_recognised(text: str, asks: bool) -> None:
    (sentence,) = read(text)
    assert sentence.is_request is asks


@pytest.mark.parametrize("piece", ["（", "「」", "(", ".", "。", ". ", "e.g. "])
def test_time_grows_with_the_length_of_a_text(piece: str) -> None:
    began = time.process_time()
    list(spans(piece * 100_000 + "x"))
    assert time.process_time() - began < 3
