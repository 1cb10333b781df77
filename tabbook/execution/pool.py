"""A pool of threads for work that happens in other processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Generic, TypeVar

Item = TypeVar("Item")
Ended = TypeVar("Ended")

Imports = Mapping[str, Callable[[], object]]
"""Name of a framework: a function that returns when its fork server has imported it."""


@contextmanager
def thread_pool(workers: int) -> Iterator[Executor]:
    """Yield a pool of threads and wait for its work at the end.

    If the block raises, such as at Ctrl-C, work that has not started is cancelled and
    running work is not waited for.
    """
    pool = ThreadPoolExecutor(workers)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def run_imported_first(
    items: Sequence[Item],
    work: Callable[[Item], Ended],
    *,
    workers: int,
    needs: Callable[[Item], str],
    imports: Imports,
) -> Generator[tuple[Item, Ended], None, None]:
    """Work on items in threads; yield each with its result as it ends.

    They start in the order given, but none waits for an import while another could run.

    :param needs: returns the name of the framework that an item needs.
    :param imports: the frameworks that may still be importing.
    """
    queue = _ImportedFirst(items, needs, imports)

    def work_on_next() -> tuple[Item, Ended] | None:
        """Work on an item whose imports are done; None where the queue is closed."""
        item = queue.take()
        return None if item is None else (item, work(item))

    with thread_pool(workers) as pool:
        futures = [pool.submit(work_on_next) for _ in items]
        try:
            for future in as_completed(futures):
                if ended := future.result():
                    yield ended
        finally:
            queue.close()


class _ImportedFirst(Generic[Item]):
    """Items in their order, those first whose framework is imported."""

    def __init__(
        self, items: Sequence[Item], needs: Callable[[Item], str], imports: Imports
    ) -> None:
        self._items = list(items)
        self._needs = needs
        self._importing = set(imports)
        self._changed = threading.Condition()
        for name, wait in imports.items():
            threading.Thread(target=self._await, args=(name, wait), daemon=True).start()

    def take(self) -> Item | None:
        """Remove and return the next item; wait for one. None once it is closed."""
        with self._changed:
            while self._items:
                for at, item in enumerate(self._items):
                    if self._needs(item) not in self._importing:
                        return self._items.pop(at)
                self._changed.wait()
        return None

    def close(self) -> None:
        """Let nothing start any more."""
        with self._changed:
            self._items.clear()
            self._changed.notify_all()

    def _await(self, name: str, wait: Callable[[], object]) -> None:
        wait()
        with self._changed:
            self._importing.discard(name)
            self._changed.notify_all()
