"""The file of the verification records, in a form that git merges entry by entry.

Each entry stands on one line, and ``merge=union`` in .gitattributes keeps the lines of
both branches. What comes of it may lack a comma or hold two entries of a notebook, so
entries are read one by one, whatever stands between them.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tabbook.base.files import read_text, write_text
from tabbook.base.folders import output_folder
from tabbook.base.program import command_line

FILE = "verified.json"
"""The name of the file, in the folder of the notebooks."""

KEY = re.compile(r'(?P<path>"(?:[^"\\\n]|\\.)*\.ipynb")\s*:\s*')
"""The beginning of an entry."""

Entries = Mapping[str, Sequence[Any]]
"""What the file says of each notebook, by ``paths.notebook_path``: two things where two
branches were merged."""


def read(config: Config) -> Entries:
    """Return the entries of the file, by notebook.

    :raises BookError: the file cannot be read, or there is no entry in it.
    """
    file = (config.origin or config).notebooks / FILE  # the outputs are the origin's
    entries: defaultdict[str, list[Any]] = defaultdict(list)
    try:
        text = read_text(file)
        for path, entry in _scan(text):
            entries[path].append(entry)
        if not entries:
            dict(json.loads(text))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, RecursionError, BookError) as error:
        line = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise BookError(
            f"{file}{line}: cannot be read as JSON ({error}); restore it with git, or "
            f"delete it and run {command_line('verify')}"
        ) from error
    return entries


def write(config: Config, entries: Mapping[str, Any]) -> bool:
    """Write one entry for each notebook, the paths in order.

    :returns: whether the file changed.
    :raises BookError: the file cannot be written.
    """
    lines = [
        f" {json.dumps(path)}: {json.dumps(entries[path], sort_keys=True)}"
        for path in sorted(entries)
    ]
    text = "{\n" + ",\n".join(lines) + "\n}\n" if lines else "{}\n"
    scratch = output_folder.claim(config) / "tmp"
    return write_text(config.notebooks / FILE, text, scratch=scratch)


def _scan(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of each entry that is JSON."""
    decoder = json.JSONDecoder()
    at = 0
    while key := KEY.search(text, at):
        at = key.end()
        try:
            entry, at = decoder.raw_decode(text, at)
        except ValueError:
            continue  # lines of two branches are mixed in it: it records nothing
        yield json.loads(key["path"]), entry
