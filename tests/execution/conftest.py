"""Fork servers and books whose notebooks are really executed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tabbook.base.config import Config
from tabbook.execution.forkserver import client, servers
from tabbook.execution.forkserver.client import ForkedProcess
from tabbook.execution.forkserver.servers import ForkServer
from tests.support import two_frameworks
from tests.support.books import MakeBook
from tests.support.forks import MODULES, BookOfOneCell, ForkCode, StartServer

SECTION = "# 一\n\n```{{.python .input}}\n%%tab left\n{code}\n```\n"
CONFIG = """[project]
title = 本
lang = ja
[build]
notebooks = index.md chapter_*/*.md
tabs = left
[tabbook]
timeout = 240
[framework-left]
preload = {module}
variables = PYTHONPATH={folder}
"""


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of modules, for PYTHONPATH."""
    folder = tmp_path_factory.mktemp("modules")
    for name, text in MODULES.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    return folder


@pytest.fixture
def start_server(modules: Path) -> Iterator[StartServer]:
    """Return a function that starts a fork server; it ends with the test."""
    started: list[ForkServer] = []

    def start(*names: str) -> ForkServer:
        env = {**os.environ, "PYTHONPATH": str(modules)}
        command = [sys.executable, "", " ".join(names or ["quiet"])]
        started.append(ForkServer(command, env))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def fork_code(tmp_path: Path, modules: Path) -> ForkCode:
    """Return a function that forks a process which runs code."""

    def fork(server: ForkServer, code: str, **env: str) -> ForkedProcess:
        name = f"code{time.monotonic_ns()}"
        (tmp_path / f"{name}.py").write_text(code, "utf-8")
        variables = {**os.environ, "PYTHONPATH": str(modules), **env}
        argv = ["-m", name, "one", "two"]
        return client.fork(server.address, argv, env=variables, cwd=tmp_path)

    return fork


@pytest.fixture
def book_of_one_cell(
    make_book: MakeBook, light_environments: None, modules: Path
) -> Iterator[BookOfOneCell]:
    """Return a function that writes a book of one cell with a module to preload."""

    def make(code: str, module: str = "quiet") -> Config:
        files = {
            "index.md": "# 本\n\n```toc\nchapter_a/one\n```\n",
            "chapter_a/one.md": SECTION.format(code=code),
        }
        return make_book(files, CONFIG.format(module=module, folder=modules))

    yield make
    servers.close_servers()


@pytest.fixture(params=["", "json"], ids=["fresh", "forked"])
def config(
    make_book: MakeBook, light_environments: None, request: pytest.FixtureRequest
) -> Iterator[Config]:
    """Write a book of two frameworks, whose kernels start in each of both ways."""
    yield two_frameworks.make(make_book, preload=request.param)
    servers.close_servers()
