"""Clusters are reached by this machine alone, or with certificates."""

from __future__ import annotations

import re
import socket
import ssl
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

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
    ((command,), (folder,)) = (
        set(re.findall(pattern, readme, re.M))
        for pattern in (
            r"^\$ \./build\.sh (cluster certificates) ",
            "certificates (DIR)",
        )
    )
    own, others = (str(tmp_path / name) for name in (folder, "others"))
    for target in (own, others):
        assert engine(*command.split(), target).returncode == 0
    assert stat.S_IMODE(Path(own, "worker/key.pem").stat().st_mode) == 0o600
    again = engine(*command.split(), own)
    assert (again.returncode, again.stdout) == (2, "")
    assert "exists already" in again.stderr
    cluster = Cluster("", tmp_path)
    access = {role: ("--certificates", f"{own}/{role}") for role in security.ROLES}
    book = ["-m", "tabbook", "-C", str(config.root)]
    try:
        start = [*book, "scheduler", "tls://127.0.0.1:0", *access["scheduler"]]
        cluster.start(start, "scheduler at")
        worker = cluster.start_worker(config, *access["worker"])
        connections = psutil.Process(worker.pid).net_connections()
        listening = [
            connection.laddr
            for connection in connections
            if connection.status == "LISTEN"
        ]
        assert {place.ip for place in listening} == {"127.0.0.1"}
        run = [*book, "run", "--scheduler", cluster.address, *access["client"]]
        cluster.start(run, "chapter_a/one")
        cluster.processes[-1].wait(timeout=PATIENCE)
        with pytest.raises(ssl.SSLError):
            handshake(cluster.address, Path(others, "client"))
        handshake(cluster.address, Path(own, "client"))
        for process in cluster.processes[:2]:  # together
            process.terminate()
        for process in cluster.processes[:2]:
            process.wait(timeout=PATIENCE)
    finally:
        cluster.end()
    assert "over TLS" in (config.notebooks / "left/chapter_a/one.ipynb").read_text()


def engine(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tabbook", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def handshake(address: str, certificates: Path) -> None:
    """Connect as Dask does; the scheduler's refusal comes with its first bytes."""
    where = urlsplit(address)
    context = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    context.check_hostname = False
    with (
        socket.create_connection((where.hostname, where.port), PATIENCE) as plain,
        context.wrap_socket(plain) as secure,
    ):
        assert secure.recv(1)
