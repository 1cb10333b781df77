"""Commands that are killed at random moments damage nothing and leave nothing.

``python -m benchmarks.kills`` does the same two hundred times.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.support.book_to_kill import book_to_kill
from tests.support.kills import Kills

pytestmark = pytest.mark.slow


def test_killed_commands_damage_nothing_and_leave_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="k-", dir="/tmp") as folder:
        root, temporary = Path(folder, "book"), Path(folder, "t")
        temporary.mkdir()
        book_to_kill(root)
        kills = Kills(root, temporary, seed=5)
        for number in range(5):
            kills.attempt(number)
    assert kills.problems == []
