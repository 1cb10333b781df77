"""Sphinx's messages of a build, and the pages they are about.

Pages with warnings must be read again by the next build, which would otherwise succeed
without a warning. Sphinx has no public way to mark them, so its pickled environment is
rewritten here.
"""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tabbook.notebooks.outputs.visible import strip_ansi
from tabbook.source.section import SOLUTIONS
from tabbook.sphinxext.settings import BEGIN

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment

PICKLE = "environment.pickle"
"""Sphinx's environment, in the folder of its doctrees."""

LOCATED = re.compile(r"^(?P<name>[^\n:]+)\.md:(?P<line>\d+):", re.M)
"""Location at the beginning of a warning."""
WARNED = re.compile(r"^(?P<file>[^\n:]+\.md)?.*?(?:WARNING|ERROR|CRITICAL): ", re.M)
"""Beginning of a warning, with the file if Sphinx named it."""


def tidied(messages: str, root: Path) -> str:
    """Return the warnings without duplicates; Sphinx repeats some for every page."""
    text = strip_ansi(messages).replace(f"{root}/", "").strip()
    lines = LOCATED.sub(_own_file, text).splitlines()
    return "\n".join(dict.fromkeys(lines))


def _own_file(place: re.Match[str]) -> str:
    """Return a warning's location, in the file of solutions if the line is in it."""
    line = int(place["line"])
    if line < BEGIN:
        return place[0]
    return f"{place['name']}{SOLUTIONS}.md:{line - BEGIN}:"


def mark_unread(env: BuildEnvironment, pickled: Path, warnings: str) -> None:
    """Mark the pages with warnings in Sphinx's environment, to be read again.

    Sphinx warns only while it reads or writes a page, so the next build would succeed.
    """
    files = {match["file"] for match in WARNED.finditer(warnings)}
    names = {env.path2doc(str(env.srcdir / file)) for file in files if file}
    if None in files or not names <= env.all_docs.keys():
        pickled.unlink(missing_ok=True)
        return
    # Pickled after reading; writing has since changed the environment in memory.
    stored: BuildEnvironment = pickle.loads(pickled.read_bytes())
    for name in names:
        stored.all_docs[str(name)] = 0
    pickled.write_bytes(pickle.dumps(stored, pickle.HIGHEST_PROTOCOL))
