"""Schedulers and workers; the shared scheduler is Dask's own program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tabbook.base.config import Config
from tabbook.base.engine import REPOSITORY
from tests.support.books import MakeBook
from tests.support.clusters import BOOK, CELL, Cluster, ClusterBook, live_kernels
from tests.support.waiting import wait_for


@pytest.fixture(scope="session")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start Dask's scheduler in a process that cannot import the engine."""
    cluster = Cluster("", tmp_path_factory.mktemp("scheduler"))
    command = ["-m", "distributed.cli.dask_scheduler", "--no-dashboard"]
    command += ["--dashboard-address", "127.0.0.1:0", "--port", "0"]
    command += ["--host", "127.0.0.1"]
    cluster.start(command, "Scheduler at:", engine=cluster.folder)
    yield cluster.address
    cluster.end()


@pytest.fixture
def cluster(
    scheduler: str, tmp_path: Path, light_environments: None
) -> Iterator[Cluster]:
    """Give a test workers of its own; none of their kernels outlives it."""
    cluster = Cluster(scheduler, tmp_path)
    yield cluster
    cluster.end()
    wait_for(lambda: not live_kernels(cluster.marks))


@pytest.fixture
def own_cluster(tmp_path: Path, light_environments: None) -> Iterator[Cluster]:
    """Give a test a scheduler to kill: the engine's."""
    cluster = Cluster("", tmp_path)
    command = ["-m", "tabbook", "-C", str(REPOSITORY), "scheduler"]
    cluster.start([*command, "tcp://127.0.0.1:0"], "scheduler at")
    yield cluster
    cluster.end()
    wait_for(lambda: not live_kernels(cluster.marks))


@pytest.fixture
def cluster_book(make_book: MakeBook, request: pytest.FixtureRequest) -> ClusterBook:
    """Return a function that writes a book whose pins no other test has."""

    def make(timeout: int = 80, **sections: str | tuple[str, str]) -> Config:
        files = {"data/x.txt": "from a file"}
        for name, section in sections.items():
            tab, code = ("left", section) if isinstance(section, str) else section
            files[f"chapter_a/{name}.md"] = CELL.format(name=name, tab=tab, code=code)
        toc = "\n".join(f"chapter_a/{name}" for name in sections)
        files["index.md"] = f"# 本\n\n```toc\n{toc}\n```\n"
        for tab in ("left", "right"):
            files[f"environments/{tab}.txt"] = f"{request.node.name}=={tab}\n"
        return make_book(files, BOOK.format(timeout=timeout))

    return make
