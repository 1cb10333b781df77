"""Record how long notebooks took on this machine, to start the longest first."""

from __future__ import annotations

import json
import math

from tabbook.base.config import Config
from tabbook.base.files import write_text
from tabbook.base.folders import output_folder


class Durations:
    """The seconds that each notebook took when it last ran, in ``seconds.json``."""

    def __init__(self, config: Config) -> None:
        """Read the record; a missing or broken one counts as empty."""
        self._config = config
        self._file = config.output / "seconds.json"
        try:
            self._seconds = dict(json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            self._seconds = {}

    def expected(self, name: str) -> float:
        """Return the seconds of the last run; infinite for a notebook without one."""
        return float(self._seconds.get(name, math.inf))

    def add(self, name: str, seconds: float) -> None:
        """Record one run."""
        self._seconds[name] = round(seconds, 1)

    def save(self) -> None:
        """Write the record.

        :raises BookError: the disk is full or not writable.
        """
        text = json.dumps(self._seconds, indent=1, sort_keys=True)
        scratch = output_folder.claim(self._config) / "tmp"
        write_text(self._file, text, scratch=scratch)
