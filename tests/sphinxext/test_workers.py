"""Processes that make pages share the memory of the one that starts them."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from tabbook.sphinxext.workers import PageWorkers, page_workers


def frozen(group: Any) -> int:
    """Return how many objects of the process the garbage collector leaves alone."""
    list(group)
    return gc.get_freeze_count()


def test_collector_leaves_shared_memory_alone() -> None:
    counts: list[int] = []
    objects = [{"a page": [number]} for number in range(20_000)]
    with page_workers():
        workers = PageWorkers(2)
        kept = gc.get_freeze_count()
        more = [{"another": [number]} for number in range(20_000)]
        for name in ("one", "two"):
            workers.add_task(frozen, [name], lambda _, count: counts.append(count))
        workers.join()
    assert kept > len(objects) and len(more) == len(objects)
    assert min(counts) > kept + len(more)


def test_collector_works_again_after_a_failure() -> None:
    with pytest.raises(ValueError, match="of the builder"), page_workers():
        PageWorkers(1)
        raise ValueError("of the builder")
    assert gc.get_freeze_count() == 0
