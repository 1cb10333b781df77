"""Merge the documents of several frameworks into one with tabs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from tabbook.importers.conversion.pieces import Piece


@dataclass
class _Entry:
    """A piece and the frameworks that have it."""

    piece: Piece
    frameworks: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[bool, str]:
        """Return the values that have to agree."""
        return _key(self.piece)


def _key(piece: Piece) -> tuple[bool, str]:
    return piece.runs, piece.text.strip()


def merge(documents: Mapping[str, Sequence[Piece]]) -> list[Piece]:
    """Return the pieces of all frameworks, in the order of each.

    What several have in common is one piece; ``tabs`` is empty for what all have in
    common, except for cells, which name their frameworks.

    :param documents: pieces by the name of the framework.
    """
    entries: list[_Entry] = []
    for name, pieces in documents.items():
        entries = _with(entries, name, pieces)
    names = list(documents)
    ordered = [entry for run in _runs(entries, names) for entry in run]
    return [_piece(entry, names) for entry in ordered]


def _with(entries: list[_Entry], name: str, pieces: Sequence[Piece]) -> list[_Entry]:
    """Return the entries with the pieces of one more framework among them."""
    keys, own = [entry.key for entry in entries], [_key(piece) for piece in pieces]
    result: list[_Entry] = []
    matcher = SequenceMatcher(None, keys, own, autojunk=False)
    for kind, first, last, begin, end in matcher.get_opcodes():
        if kind == "equal":
            for entry in entries[first:last]:
                entry.frameworks.append(name)
                result.append(entry)
        else:
            result += entries[first:last]
            result += [_Entry(piece, [name]) for piece in pieces[begin:end]]
    return result


def _runs(entries: list[_Entry], names: list[str]) -> Iterator[list[_Entry]]:
    """Yield the entries between those that all share, sorted into tab sets."""
    gap: list[_Entry] = []
    for entry in entries:
        if len(entry.frameworks) == len(names):
            yield _interleaved(gap, names)
            yield [entry]
            gap = []
        else:
            gap.append(entry)
    yield _interleaved(gap, names)


def _interleaved(gap: list[_Entry], names: list[str]) -> list[_Entry]:
    """Return entries so that the cells of frameworks stand beside each other.

    The order within each framework stays: an entry comes when it is the next one for
    all frameworks that have it.
    """
    result: list[_Entry] = []
    waiting = list(gap)
    runs = False
    while waiting:
        ready = [entry for entry in waiting if _is_next(entry, waiting)]
        chosen = [entry for entry in ready if entry.piece.runs == runs]
        if not chosen:
            runs = not runs
            chosen = [entry for entry in ready if entry.piece.runs == runs]
        chosen.sort(key=lambda entry: names.index(entry.frameworks[0]))
        if runs:
            result += chosen
            waiting = [entry for entry in waiting if entry not in chosen]
            # The next cell of a framework belongs to the next set of tabs.
            if not any(entry.piece.runs is False for entry in waiting):
                continue
            runs = False
        else:
            first = chosen[0]
            result.append(first)
            waiting.remove(first)
    return result


def _is_next(entry: _Entry, waiting: list[_Entry]) -> bool:
    before = waiting[: waiting.index(entry)]
    return not any(set(entry.frameworks) & set(each.frameworks) for each in before)


def _piece(entry: _Entry, names: list[str]) -> Piece:
    """Return an entry's piece with its tabs."""
    shared = len(entry.frameworks) == len(names)
    tabs = tuple(entry.frameworks) if entry.piece.runs or not shared else ()
    if shared and entry.piece.runs:
        tabs = ("all",)
    return replace(entry.piece, tabs=tabs)
