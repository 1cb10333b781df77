"""Fixtures of all tests: made-up books, and environments that need no uv."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tabbook.base import config as configuration
from tabbook.base.config import Config
from tabbook.environments import venv
from tests.support.books import DEFAULT, MakeBook, write_files
from tests.support.browser import axe, browser
from tests.support.light import install_light
from tests.support.schedule import check_groups, schedule

__all__ = ["axe", "browser"]


def pytest_configure() -> None:
    """Let what tests start end at SIGINT, also if a shell's background ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)  # before and after pytest-xdist reads the groups
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Order the tests and group them for the workers."""
    schedule(items)
    yield
    check_groups(config, items)


@pytest.fixture(scope="session")
def make_book(tmp_path_factory: pytest.TempPathFactory) -> MakeBook:
    """Return a function that writes a book into a new folder.

    Every framework gets pins unless ``files`` brings them.
    """

    def make(files: dict[str, str], config: str | None = None) -> Config:
        root = tmp_path_factory.mktemp("book")
        write_files(root, {configuration.FILE_NAME: config or DEFAULT, **files})
        made_up_book = configuration.load(root)
        for framework in made_up_book.frameworks:
            if not framework.environment.exists():
                framework.environment.parent.mkdir(parents=True, exist_ok=True)
                framework.environment.write_text("ipykernel==7.4.0\n", "utf-8")
        return made_up_book

    return make


@pytest.fixture
def light_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every framework's environment a link to this interpreter; uv never runs.

    Otherwise environments behave as real ones: ``prepare`` creates them, and they are
    stale when the pins change.
    """
    monkeypatch.setattr(venv, "install", install_light)


@pytest.fixture(scope="module")
def light_module() -> Iterator[None]:
    """Do the same for the fixtures of a module, which outlive a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(venv, "install", install_light)
        yield
