"""Recognise text that is another one in the next run, and say how to make it stable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

UNSTABLE = "unstable-output"
"""Name of the problem: an output that changes by itself."""


@dataclass(frozen=True)
class Instability:
    """A kind of text that no two runs have in common."""

    noun: str
    """Its noun, such as ``an address``."""
    pattern: re.Pattern[str]
    advice: str
    """How to make the output stable."""


KINDS = (
    Instability(
        "a time-stamped message of a library",
        re.compile(
            r"^(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+: [IWEF] |[IWEF]\d{4} \d\d:\d\d:"
            r"\d\d\.\d+ |[IWEF]0000 00:00:\d{10})",
            re.M,
        ),
        "switch the messages off in [framework-{framework}] variables of config.ini, "
        "such as TF_CPP_MIN_LOG_LEVEL=3 and TF_ENABLE_ONEDNN_OPTS=0 for TensorFlow",
    ),
    Instability(
        "an address",
        re.compile(r"\bat 0x[0-9a-f]{6,}\b|\b0x7f[0-9a-f]{10}\b"),
        "print a value, a type or a shape in place of the object",
    ),
    Instability(
        "a time",
        re.compile(
            r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\b1[6-9]\d{8}\.\d+\b|\bWall time: |"
            r"\bper loop \(mean|\d(?:it/s|s/it)\b|\b\d\d:\d\d<(?:\d\d:|\?)"
        ),
        "print no time: compare times in the text, or hide the output",
    ),
    Instability(
        "a temporary path",
        re.compile(r"/tmp/(?!ipykernel/)[\w./-]*[\w-]{8}"),
        "print the name of a file without its folder",
    ),
    Instability(
        "a UUID",
        re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
        "print no identifier that is made anew",
    ),
)
"""The kinds; the first that matches a text is reported."""

ANY = (
    "seed the generators in the first cell, and print what does not change: a shape, a "
    "type, a count, a rounded value"
)
"""Advice for an output that changes and shows no known kind of text."""


def find(outputs: Sequence[NotebookNode]) -> tuple[Instability, str] | None:
    """Return the kind of unstable text in a cell's outputs and a line with it."""
    for kind in KINDS:
        for text in texts(outputs):
            if match := kind.pattern.search(text):
                return kind, _line_of(text, match)
    return None


def kind_of(text: str) -> Instability | None:
    """Return the kind of unstable text in a text, if any."""
    return next((kind for kind in KINDS if kind.pattern.search(text)), None)


def advice(text: str, framework: str) -> str:
    """Return how to make a text stable that was seen to change.

    :param framework: name of the framework, whose section of config.ini may help.
    """
    kind = kind_of(text)
    if kind is None:
        return ANY
    return f"it shows {kind.noun}: {kind.advice.format(framework=framework)}"


def texts(outputs: Sequence[NotebookNode]) -> Iterator[str]:
    """Yield the texts that a reader of outputs sees, pictures left out."""
    for output in outputs:
        if output.output_type == "error":
            yield f"{output.ename}: {output.evalue}"
        yield output.get("text", "")
        for kind, value in output.get("data", {}).items():
            if kind.startswith("text/") and isinstance(value, str):
                yield value


def _line_of(text: str, match: re.Match[str]) -> str:
    start = text.rfind("\n", 0, match.start()) + 1
    return text[start:].split("\n", 1)[0].strip()
