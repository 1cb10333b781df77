"""Clusters are reached by this machine alone, or with certificates."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import psutil
import pytest

from tabbook.base.errors import UsageError
from tabbook.cli import main as cli
from tabbook.execution.cluster import security
from tests.support.clusters import Cluster, ClusterBook
from tests.support.paths import ROOT
from tests.support.waiting import PATIENCE


def secured(text: str) -> str:
    return security.secured(text, insecure=False, certificates=None)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "[::1]"])
def test_loopback_needs_no_certificates(host: str) -> None:
    assert secured(f"{host}:8786") == f"tcp://{host}:8786"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "host.example", "[::]"])
def test_other_addresses_need_certificates_or_consent(host: str) -> None:
    with pytest.raises(UsageError, match="whoever reaches this address"):
        secured(f"tcp://{host}:8786")
    given = security.secured(f"{host}:8786", insecure=True, certificates=None)
    assert given == f"tcp://{host}:8786"


@pytest.mark.parametrize(
    "command",
    [
        ["scheduler", "tcp://0.0.0.0:0"],
        ["worker", "tcp://192.0.2.1:8786"],
        ["run", "--scheduler", "tcp://192.0.2.1:8786"],
    ],
)
def test_commands_refuse_to_be_reached_by_everyone(
    cluster_book: ClusterBook,
    light_environments: None,
    capfd: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    config = cluster_book(one="print(1)")
    assert cli.main(["-C", str(config.root), *command]) == 2
    assert "--insecure" in capfd.readouterr().err


def test_missing_certificates_are_named(tmp_path: Path) -> None:
    for folder in (None, str(tmp_path)):
        with pytest.raises(UsageError, match=r"ca\.pem"):
            security.secured("tls://h:1", insecure=False, certificates=folder)
    with pytest.raises(UsageError, match="needs tls://"):
        security.secured("127.0.0.1:1", insecure=False, certificates="x")


def test_notebooks_run_with_certificates_made_as_readme_says(
    cluster_book: ClusterBook, light_environments: None, tmp_path: Path
) -> None:
    config = cluster_book(one="print('over', 'TLS')")
    readme = (ROOT / "README.md").read_text("utf-8")
    for command in re.findall(r"^\$ (openssl .*)$", readme, re.M):
        subprocess.run(
            shlex.split(command), cwd=tmp_path, check=True, capture_output=True
        )
    cluster = Cluster("", tmp_path)
    access = ("--certificates", str(tmp_path))
    engine = ["-m", "tabbook", "-C", str(config.root)]
    try:
        start = [*engine, "scheduler", "tls://127.0.0.1:0", *access]
        cluster.start(start, "scheduler at")
        worker = cluster.start_worker(config, *access)
        connections = psutil.Process(worker.pid).net_connections()
        listening = [one.laddr for one in connections if one.status == "LISTEN"]
        assert {place.ip for place in listening} == {"127.0.0.1"}
        run = [*engine, "run", "--scheduler", cluster.address, *access]
        cluster.start(run, "chapter_a/one")
        cluster.processes[-1].wait(timeout=PATIENCE)
        worker.terminate()
    finally:
        cluster.end()
    assert "over TLS" in (config.notebooks / "left/chapter_a/one.ipynb").read_text()
