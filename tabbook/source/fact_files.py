"""Files of facts, which notebooks have to print; ``verification`` examines them."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from tabbook.base.config import Config
from tabbook.base.files import NotUtf8Error, read_text
from tabbook.base.toml import TomlError, parse


def find(config: Config) -> list[Path]:
    """Return the facts files of a book, sorted; none if it has none."""
    pattern = config.facts.rstrip("/")
    if (config.root / pattern).is_dir():
        pattern += "/*.toml"
    return sorted(config.root.glob(pattern))


def count(config: Config, sections: Container[str]) -> int:
    """Return how many facts are declared of some sections; files with errors have none.

    :param sections: names of the sections.
    """
    total = 0
    for file in find(config):
        try:
            table = parse(read_text(file))
        except (OSError, NotUtf8Error, TomlError):
            continue
        facts = table.get("fact")
        if isinstance(facts, list) and table.get("section") in sections:
            total += len(facts)
    return total
