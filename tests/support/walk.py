"""Change a book as its author does, by edits and commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook.cli import main as cli


class Walk:
    """Edits a book and runs commands on it, as its author does."""

    def __init__(self, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """Work on the book in a folder."""
        self.root = root
        self.capfd = capfd

    def run(self, *arguments: str) -> str:
        """Run a command that has to succeed; return what it prints."""
        self.capfd.readouterr()
        status = cli.main(["-C", str(self.root), *arguments])
        captured = self.capfd.readouterr()
        assert status == 0, captured.out + captured.err
        return captured.out + captured.err

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text that a file holds."""
        file = self.root / name
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    def prove(
        self,
        *,
        checked_without: tuple[str, ...] = (),
        published_without: tuple[str, ...] = (),
    ) -> str:
        """Check and publish the book as its workflows do, with no warning.

        :param checked_without: steps that the check leaves out, besides accessibility.
        :param published_without: what the site leaves out, besides PDF.
        :returns: what the check prints.
        """
        proof = self.run("check", *_without(("accessibility", *checked_without)))
        assert "warning" not in proof, proof
        self.run("publish", *_without(("pdf", *published_without)))
        return proof


def _without(names: tuple[str, ...]) -> list[str]:
    return [word for name in names for word in ("--without", name)]
