"""How long notebooks take, to start the longest first."""

from __future__ import annotations

import json
import math

from tabbook.base.config import Config
from tabbook.base.files import write_text
from tabbook.base.folders import output_folder
from tabbook.notebooks import verified
from tabbook.notebooks.paths import notebook_path


class Durations:
    """The seconds that each notebook took when it last ran.

    ``seconds.json`` has those of this machine. A first run goes by the committed
    verification records, whatever machine they are from: only the order counts.
    """

    def __init__(self, config: Config) -> None:
        """Read both records; a missing or broken one counts as empty."""
        self._config = config
        self._file = config.output / "seconds.json"
        try:
            self._seconds = dict(json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, RecursionError):
            self._seconds = {}
        self._committed = verified.seconds(config)

    def expected(self, section: str, framework: str) -> float:
        """Return the seconds of the last run; infinite for a notebook without one."""
        committed = self._committed.get(notebook_path(section, framework), math.inf)
        seconds = self._seconds.get(_name(section, framework))
        return float(seconds) if isinstance(seconds, int | float) else committed

    def add(self, section: str, framework: str, seconds: float) -> None:
        """Record one run."""
        self._seconds[_name(section, framework)] = round(seconds, 1)

    def save(self) -> None:
        """Write the record.

        :raises BookError: the disk is full or not writable.
        """
        text = json.dumps(self._seconds, indent=1, sort_keys=True)
        scratch = output_folder.claim(self._config) / "tmp"
        write_text(self._file, text, scratch=scratch)


def _name(section: str, framework: str) -> str:
    return f"{section} [{framework}]"
