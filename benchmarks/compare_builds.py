"""Compare the build products of two checkouts byte by byte.

    .venvs/book/bin/python -m benchmarks.compare_builds OLD NEW

Build both first (``./build.sh``, ``pdf``, ``epub``, ``slides``, ``zip``, ``publish``).
Every file that differs or exists on one side only is printed: text with the head of its
difference, archives with the members that differ. The exit status is 1 if any differs.
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
        elif (old_bytes := before[name].read_bytes()) != (
            new_bytes := after[name].read_bytes()
        ):
            if name.endswith(ARCHIVES):
                yield from _inside(name, before[name], after[name])
            else:
                yield _describe(name, old_bytes, new_bytes)


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
        old_bytes, new_bytes = before.get(member), after.get(member)
        if old_bytes != new_bytes:
            count += 1
            yield _describe(f"{name}: {member}", old_bytes or b"", new_bytes or b"")
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
    return "\n    ".join([f"{name}: differs", *(head or ["only in line endings"])])


def compare(old: Path, new: Path) -> bool:
    """Print the differences of two checkouts; return whether there are none."""
    equal = True
    for folder in RESULTS:
        before, after = old / folder, new / folder
        if before.is_dir() != after.is_dir():
            present = before if before.is_dir() else after
            lines = [f"the whole folder: only in {present}"]
        else:
            lines = list(differences(before, after))
        for difference in lines:
            sys.stdout.write(f"{folder}/{difference}\n")
        sys.stdout.write(f"== {folder}: {len(lines)} differences\n")
        equal = equal and not lines
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
