"""The order of the tests, and what runs in one worker of pytest-xdist.

Tests of one module share its fixtures, so they stay in one worker, unless a test or
module names another group with ``xdist_group``. Tests that write the same files, such
as the pages of this repository, name the same group, so they never run at the same
time. Each ``slow`` test is a group of its own: it may run in any worker, and starts
first, so that no worker is left with a long one at the end.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

MARKERS_BY_LENGTH = ("slow", "kernels", "long", "browser")
"""Markers of tests and modules that take long, those that take longest first."""


def schedule(items: list[pytest.Item]) -> None:
    """Put every test into a group, then the groups that take longest first."""
    ranks: defaultdict[str, int] = defaultdict(lambda: len(MARKERS_BY_LENGTH))
    groups = {item.nodeid: _group(item) for item in items}
    for item in items:
        group = groups[item.nodeid]
        ranks[group] = min(ranks[group], _rank(item))
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: ranks[groups[item.nodeid]])


def check_groups(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Check that pytest-xdist read the groups: it passes them on in the tests' names.

    Otherwise nothing fails: workers repeat one another's fixtures, and tests that
    write the same files run at the same time.

    :raises pytest.UsageError: it did not.
    """
    grouped = all("@" in item.nodeid for item in items)
    if getattr(config.option, "loadgroup", False) and not grouped:
        raise pytest.UsageError(
            "pytest-xdist does not group tests with this release of pytest; install "
            "what environments/book.txt pins: ./build.sh lint"
        )


def _group(item: pytest.Item) -> str:
    chosen = item.get_closest_marker("xdist_group")
    if chosen:
        return str(chosen.args[0])
    module = item.nodeid.partition("::")[0]
    return item.name if item.get_closest_marker("slow") else module


def _rank(item: pytest.Item) -> int:
    for rank, name in enumerate(MARKERS_BY_LENGTH):
        if item.get_closest_marker(name):
            return rank
    return len(MARKERS_BY_LENGTH)
