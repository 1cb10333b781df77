"""Compare the results of two checkouts byte by byte: what a change of code did to them.

    .venvs/book/bin/python -m benchmarks.compare_builds OLD NEW

Build both first (``./build.sh``, ``pdf``, ``epub``, ``slides``, ``zip``, ``publish``).
Every file that differs or exists on one side only is named, text with the head of its
difference, archives with the members that differ. The exit status is 1 if any does.
"""

from __future__ import annotations

import argparse
import difflib
import itertools
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

FORMS = ("html", "site", "pdf", "epub", "slides", "zip")
RESULTS = ("notebooks", *(f"_build/{form}" for form in FORMS))
"""Folders of a checkout that hold results."""

ARCHIVES = (".epub", ".zip")
SHOWN_LINES = 12
"""Lines of a difference that are shown; a built page may differ in thousands."""
SHOWN_COLUMNS = 160


def differences(old: Path, new: Path) -> Iterator[str]:
    """Yield a description of each difference between two folders or archives."""
    before, after = (_files(root) for root in (old, new))
    for name in sorted(before | after):
        if name not in after:
            yield f"{name}: only in {old}"
        elif name not in before:
            yield f"{name}: only in {new}"
        elif (one := before[name].read_bytes()) != (two := after[name].read_bytes()):
            if name.endswith(ARCHIVES):
                yield from _inside(name, before[name], after[name])
            else:
                yield _describe(name, one, two)


def _files(root: Path) -> dict[str, Path]:
    """Return the files of a folder by their path in it; nothing if there is none."""
    return {
        file.relative_to(root).as_posix(): file
        for file in root.rglob("*")
        if file.is_file()
    }


def _inside(name: str, old: Path, new: Path) -> Iterator[str]:
    """Yield the differences between the members of two archives."""
    before, after = map(_members, (old, new))
    count = 0
    for member in sorted(before | after):
        one, two = before.get(member), after.get(member)
        if one != two:
            count += 1
            yield _describe(f"{name}: {member}", one or b"", two or b"")
    if not count:
        yield f"{name}: same members, packed differently"


def _members(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _describe(name: str, old: bytes, new: bytes) -> str:
    """Return the head of the difference of two texts, or both sizes in bytes."""
    try:
        before, after = (text.decode().splitlines() for text in (old, new))
    except UnicodeDecodeError:
        return f"{name}: {len(old)} and {len(new)} bytes differ"
    lines = difflib.unified_diff(before, after, "old", "new", lineterm="", n=1)
    head = [line[:SHOWN_COLUMNS] for line in itertools.islice(lines, SHOWN_LINES)]
    return "\n    ".join([f"{name}: differs", *(head or ["in line ends alone"])])


def compare(old: Path, new: Path) -> bool:
    """Print the differences of two checkouts; return whether there are none."""
    equal = True
    for folder in RESULTS:
        before, after = old / folder, new / folder
        if before.is_dir() != after.is_dir():
            present = before if before.is_dir() else after
            found = [f"all of it: only in {present}"]
        else:
            found = list(differences(before, after))
        for difference in found:
            sys.stdout.write(f"{folder}/{difference}\n")
        sys.stdout.write(f"== {folder}: {len(found)} differences\n")
        equal = equal and not found
    return equal


def main() -> int:
    """Compare the checkouts that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(description="Compare two builds byte by byte.")
    parser.add_argument("old", type=Path, help="a checkout with its _build")
    parser.add_argument("new", type=Path, help="another")
    options = parser.parse_args()
    return 0 if compare(options.old, options.new) else 1


if __name__ == "__main__":
    sys.exit(main())
