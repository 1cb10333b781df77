"""A pool of threads for work that happens in other processes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager


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
