"""Stale notebooks are executed and the others reused, with real kernels."""

from __future__ import annotations

import os
import re

import pytest

from tabbook.base.config import Config, load
from tabbook.base.errors import BookError
from tabbook.cli.main import main
from tabbook.execution import planner
from tabbook.notebooks import store
from tabbook.source import book
from tests.support.books import MakeBook
from tests.support.two_frameworks import (
    build,
    executed,
    make,
    notebook_file,
    notebook_states,
    section,
    streams,
    write_section,
)


@pytest.fixture
def config(make_book: MakeBook, light_environments: None) -> Config:
    return make(make_book)


def test_second_build_executes_and_writes_nothing(config: Config) -> None:
    assert executed(build(config)) == {"left", "right"}
    before = notebook_states(config)
    assert executed(build(config)) == set()
    assert notebook_states(config) == before
    assert streams(config, "left") == ["l\n"]


def test_forced_execution_gives_the_same_bytes(config: Config) -> None:
    build(config)
    before = {file: content for file, (content, _) in notebook_states(config).items()}
    assert executed(build(config, force=True)) == {"left", "right"}
    after = {file: content for file, (content, _) in notebook_states(config).items()}
    assert after == before


def test_edited_prose_reaches_the_notebook_without_a_kernel(config: Config) -> None:
    build(config)
    edited = section("新しい文です。", left="print('l')", right="print('r')")
    write_section(config, edited)
    assert executed(build(config)) == set()
    assert "新しい文です。" in notebook_file(config).read_text("utf-8")
    assert streams(config, "left") == ["l\n"]


def test_edited_code_executes_one_framework(config: Config) -> None:
    build(config)
    write_section(config, section(left="print('L')", right="print('r')"))
    assert executed(build(config)) == {"left"}
    assert streams(config, "left") == ["L\n"]


def test_changed_pins_execute_their_framework(config: Config) -> None:
    build(config)
    pins = config.framework("right").environment
    pins.write_text(pins.read_text("utf-8") + "# a comment changes nothing\n", "utf-8")
    assert executed(build(config)) == set()
    pins.write_text(pins.read_text("utf-8") + "another==1\n", "utf-8")
    assert executed(build(config)) == {"right"}


def test_changed_variables_execute_their_framework(config: Config) -> None:
    build(config)
    file = config.root / "config.ini"
    file.write_text(file.read_text("utf-8") + "variables = A=1\n", "utf-8")
    assert executed(build(load(config.root))) == {"left"}


def test_cell_edited_in_a_committed_notebook_is_stale(config: Config) -> None:
    build(config)
    file = notebook_file(config)
    text = file.read_text("utf-8").replace("print('l')", "print('x')")
    file.write_text(text, "utf-8")
    assert executed(build(config)) == {"left"}


def test_broken_committed_notebook_is_stale_and_replaced_once_it_has_run(
    config: Config,
) -> None:
    loaded = book.load(config)
    section = loaded.section("chapter_a/one")
    assert section
    file = notebook_file(config)
    file.parent.mkdir(parents=True)
    for content in "{", "[]", "<<<<<<< HEAD\n":
        file.write_text(content, "utf-8")
        with pytest.raises(BookError, match=r"\.ipynb(:1)?: is not a") as refused:
            store.load(config, section, config.framework("left"))
        left, _ = planner.plan(loaded, loaded.sections, config.frameworks)
        assert left.reused is None
        assert left.repair
        assert file.read_text("utf-8") == content
    (advice,) = re.findall("`.* (run .*)` takes", str(refused.value))
    assert not main(["-C", str(config.root), *advice.split()])
    assert streams(config, "left") == ["l\n"]


def test_only_orphans_of_the_engine_are_deleted(config: Config) -> None:
    build(config)
    orphan = notebook_file(config).with_name("old.ipynb")
    orphan.write_bytes(notebook_file(config).read_bytes())
    foreign = config.notebooks / "own.ipynb"
    foreign.write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "utf-8"
    )
    assert planner.remove_orphans(book.load(config)) == [orphan]
    assert foreign.exists()


def test_full_disk_keeps_the_old_file(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(config)
    before = notebook_states(config)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    edited = section("別の文です。", left="print('l')", right="print('r')")
    write_section(config, edited)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BookError, match="No space left on device"):
        build(config)
    assert notebook_states(config) == before
    assert not list((config.output / "tmp").iterdir())
