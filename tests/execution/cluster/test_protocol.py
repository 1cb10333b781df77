"""What travels between client and worker."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

from tabbook.environments.kernelspec import KernelStart
from tabbook.execution import planner
from tabbook.execution.cluster import protocol
from tabbook.execution.job import Failure, Observation, Result
from tabbook.source import book
from tests.support.clusters import ClusterBook


def test_job_survives_the_journey_without_paths_of_this_machine(
    cluster_book: ClusterBook,
) -> None:
    config = cluster_book(one="print('l')")
    loaded = book.load(config)
    (step,) = planner.plan(loaded, loaded.sections, config.frameworks)
    job = planner.job_of(loaded, step, start=KernelStart.FRESH)
    packed = protocol.pack_job(job)
    files = protocol.pack_files(config.root, config.resources)
    assert str(config.root).encode() not in packed + files
    unpacked = protocol.unpack_job(packed)
    for name in protocol.FIELDS:
        assert getattr(unpacked, name) == getattr(job, name)
    assert unpacked.start is KernelStart.FRESH  # its text alone would equal it


def test_reply_survives_the_journey() -> None:
    result = Result(
        nbformat.v4.new_notebook(),
        1.5,
        Failure("raised", 3, "message"),
        {"python": "3"},
        (Observation(7, "failed-command", "message"),),
    )
    reply = protocol.Reply(result, "key", "tcp://worker")
    assert protocol.unpack_reply(protocol.pack_reply(reply)) == reply


def test_equal_files_give_equal_bytes(tmp_path: Path) -> None:
    packed = []
    for name in ("one", "two"):
        file = tmp_path / name / "data/deep/x.txt"
        file.parent.mkdir(parents=True)
        file.write_text("x", "utf-8")
        os.utime(file, (len(packed), len(packed)))
        packed.append(protocol.pack_files(tmp_path / name, ("data", "*.none")))
    assert packed[0] == packed[1]
    protocol.unpack_files(packed[0], tmp_path / "three")
    assert (tmp_path / "three/data/deep/x.txt").read_text("utf-8") == "x"


BROKEN = [
    b"\x80\x04.",
    b"[]",
    b'{"result": {}, "key": 1, "worker": 2}',
    b'{"result": {"notebook": {"cells": 3}}, "key": "", "worker": ""}',
]


@pytest.mark.parametrize("data", BROKEN)
def test_broken_reply_is_one_error(data: bytes) -> None:
    with pytest.raises(protocol.ReplyError, match="cannot be read"):
        protocol.unpack_reply(data)
