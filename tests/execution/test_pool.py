"""Work that needs no import goes first, and each result comes as its work ends."""

from __future__ import annotations

import threading

import pytest

from tabbook.execution.pool import run_imported_first

ITEMS = ["slow 1", "fast 1", "slow 2", "fast 2"]


def framework(item: str) -> str:
    return item.partition(" ")[0]


def test_nothing_waits_for_an_import_while_other_work_is_there() -> None:
    imported = threading.Event()
    started: list[str] = []
    results = run_imported_first(
        ITEMS,
        started.append,
        workers=1,
        needs=framework,
        imports={"slow": imported.wait},
    )
    assert [next(results)[0] for _ in range(2)] == ["fast 1", "fast 2"]
    imported.set()
    assert [item for item, _ in results] == ["slow 1", "slow 2"]
    assert started == ["fast 1", "fast 2", "slow 1", "slow 2"]


def test_order_is_kept_where_everything_is_imported() -> None:
    results = run_imported_first(ITEMS, len, workers=1, needs=framework, imports={})
    assert list(results) == [(item, 6) for item in ITEMS]


def test_nothing_starts_after_the_end() -> None:
    imported = threading.Event()
    started: list[str] = []
    results = run_imported_first(
        ITEMS,
        started.append,
        workers=2,
        needs=framework,
        imports={"slow": imported.wait},
    )
    next(results)
    results.close()
    imported.set()
    wait_for_threads()
    assert not any(item.startswith("slow") for item in started)


def test_error_of_work_is_raised() -> None:
    def fail(item: str) -> None:
        raise ValueError(item)

    results = run_imported_first(ITEMS, fail, workers=2, needs=framework, imports={})
    with pytest.raises(ValueError, match=r"^(slow|fast) \d$"):
        list(results)


def wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(10)
