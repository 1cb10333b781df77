"""Write a verification to files: JUnit's XML for CI, differences for the browser."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from nbformat import NotebookNode

from tabbook.base.config import Config
from tabbook.base.errors import Problem
from tabbook.base.files import write_text
from tabbook.base.folders import output_folder
from tabbook.verification.rerun.difference import pictures
from tabbook.verification.verdict import Verdict, VerifiedNotebook

FOLDER = "verify"
"""Folder of the reports, in the book's output folder."""

DIFFERENCES = "differences.html"
"""File that shows pictures that differ, side by side; only if there are any."""

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot contain."""

STYLE = (
    "body{font-family:sans-serif;margin:2rem}pre{overflow:auto}img{max-width:100%}"
    "table{table-layout:fixed;width:100%}td,th{vertical-align:top;text-align:left}"
    "td{background:#fff}"
)


def write(config: Config, verdict: Verdict, name: str) -> Path | None:
    """Write the report of a verification.

    :param name: name of the report, such as ``verify``.
    :returns: the page of the pictures that differ, if there are any.
    :raises BookError: a file cannot be written.
    """
    output = output_folder.claim(config)
    folder, scratch = output / FOLDER, output / "tmp"
    text = ElementTree.tostring(junit(verdict, name), encoding="unicode")
    declared = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
    write_text(folder / f"{name}.xml", declared, scratch=scratch)
    page = folder / (DIFFERENCES if name == FOLDER else f"{name}-{DIFFERENCES}")
    rows = list(_rows(verdict))
    if not rows:
        page.unlink(missing_ok=True)
        return None
    body = "\n".join(rows)
    head = f'<!doctype html><meta charset="utf-8"><title>{name}</title>'
    write_text(page, f"{head}<style>{STYLE}</style>\n{body}\n", scratch=scratch)
    return page


def junit(verdict: Verdict, name: str) -> ElementTree.Element:
    """Return the verification in JUnit's XML: a test per notebook or problem.

    :param name: name of the suite.
    """
    cases = [case for each in verdict.notebooks for case in _cases(each)]
    cases += [_case("", problem.path, problem) for problem in verdict.orphans]
    failures = sum(case.find("failure") is not None for case in cases)
    seconds = sum(notebook.seconds or 0 for notebook in verdict.notebooks)
    counts = {"tests": len(cases), "failures": failures, "errors": 0, "skipped": 0}
    attributes = {key: str(count) for key, count in counts.items()}
    suite = ElementTree.Element(
        "testsuite", {"name": name, **attributes, "time": f"{seconds:.1f}"}
    )
    suite.extend(cases)
    suites = ElementTree.Element("testsuites", attributes)
    suites.append(suite)
    return suites


def _cases(notebook: VerifiedNotebook) -> Iterator[ElementTree.Element]:
    section, label = notebook.section.name, notebook.framework.label
    if not notebook.problems:
        time = {"time": f"{notebook.seconds or 0:.1f}"}
        yield ElementTree.Element(
            "testcase", {"classname": section, "name": label, **time}
        )
    for problem in notebook.problems:
        place = f"{problem.path}:{problem.line}" if problem.line else problem.path
        yield _case(section, f"{label} {place}", problem)


def _case(section: str, name: str, problem: Problem) -> ElementTree.Element:
    """Return the test of one problem; a warning is printed in it, and it passes."""
    place = {"file": problem.path, "line": str(problem.line)}
    case = ElementTree.Element(
        "testcase", {"classname": section, "name": name, **place}
    )
    text = NOT_XML.sub("�", problem.message)
    if problem.severity == "error":
        summary = {"message": text.splitlines()[0], "type": problem.name}
        ElementTree.SubElement(case, "failure", summary).text = text
    else:
        ElementTree.SubElement(case, "system-out").text = str(problem)
    return case


def _rows(verdict: Verdict) -> Iterator[str]:
    """Yield the HTML of each cell whose pictures differ."""
    for notebook in verdict.notebooks:
        for difference in notebook.differences:
            old, new = map(_images, (difference.committed, difference.now))
            if old != new:
                place = f"{notebook.section.path}:{difference.line}"
                yield f"<h2>{html.escape(f'{place} [{notebook.framework.label}]')}</h2>"
                yield "<table><tr><th>notebook<th>now</tr>"
                yield from _pairs(old, new)
                yield "</table>"


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for at in range(max(len(old), len(new))):
        cells = "".join(f"<td>{''.join(images[at : at + 1])}" for images in (old, new))
        yield f"<tr>{cells}</tr>"


def _images(outputs: Sequence[NotebookNode]) -> list[str]:
    """Return each picture as an HTML element; scripts in an SVG do not run there."""
    return [
        f'<img alt="" src="data:{html.escape(kind)};base64,{_base64(kind, content)}">'
        for kind, content in pictures(outputs)
    ]


def _base64(kind: str, content: str) -> str:
    if kind == "image/svg+xml":
        return base64.b64encode(content.encode()).decode()
    return html.escape("".join(content.split()))
