"""Print the reference of config.ini, which is committed as docs/configuration.md.

.venvs/book/bin/python -m tabbook.base.config.reference > docs/configuration.md
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator

from tabbook.base.config import keys, library

HEAD = """\
# config.ini

A book's folder holds one `config.ini`, in d2lbook's format. The engine reads these
keys; d2lbook ignores the sections `[tabbook]` and `[framework-NAME]`, of which the
latter stands once per framework. An unknown key is a warning. Paths are relative to
the book's folder.

This page is generated from `tabbook/base/config/keys.py`; change it there, then run

    .venvs/book/bin/python -m tabbook.base.config.reference > docs/configuration.md
"""


def reference() -> str:
    """Return a page in Markdown with a table of keys per section."""
    return "\n".join([HEAD, *_tables()])


def _tables() -> Iterator[str]:
    for section, group in itertools.groupby(
        (*keys.KEYS, *library.KEYS), key=lambda key: key.section
    ):
        yield f"## [{section}]\n"
        yield "| Key | Type | Default | Meaning |"
        yield "|---|---|---|---|"
        for key in group:
            default = f"`{key.default}`" if key.default else ""
            yield f"| `{key.name}` | {key.kind.name} | {default} | {key.meaning} |"
        yield ""


if __name__ == "__main__":
    sys.stdout.write(reference())
