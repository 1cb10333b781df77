"""What users configure on their machines does not reach kernels."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tabbook import environments
from tabbook.base.config import Config, load
from tabbook.base.folders import scratch
from tabbook.execution.forkserver.servers import close_servers, started_servers
from tabbook.source import book
from tabbook.verification import verify
from tests.support.paths import ROOT
from tests.support.two_frameworks import build, section, streams, write_section
from tests.support.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.long

SETTINGS = {
    "KERAS_BACKEND": "torch",
    "TF_USE_LEGACY_KERAS": "1",
    "MPLBACKEND": "agg",
    "PYTHONPATH": "/nowhere",
    "PYTHONSTARTUP": "{home}/startup.py",
    "IPYTHONDIR": "{home}/ipython",
    "MATPLOTLIBRC": "{home}/matplotlibrc",
    "BASH_ENV": "{home}/startup.sh",
    "TORCH_LOGS": "all",
}
SHOWN = """import os

names = ["KERAS_BACKEND", "TF_USE_LEGACY_KERAS", "PYTHONSTARTUP", "BASH_ENV"]
print([name for name in names if name in os.environ])
print(os.environ["MPLBACKEND"], repr(os.environ["PYTHONPATH"]), "x" in globals())
print(os.environ["KERAS_HOME"].startswith("/usr"), "TORCH_LOGS" in os.environ)
"""


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the user settings of everything, in variables and in files."""
    profile = tmp_path / "ipython/profile_default/startup"
    profile.mkdir(parents=True)
    for file in (tmp_path / "startup.py", profile / "first.py"):
        file.write_text("x = 1\nprint('reached')\n")
    (tmp_path / "startup.sh").write_text("echo reached\n")
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value.format(home=tmp_path))


def test_settings_of_the_user_reach_no_kernel(config: Config, user: None) -> None:
    write_section(config, section(left=SHOWN + "!bash -c 'echo shell'\n"))
    build(config)
    (text,) = streams(config, "left")
    assert text.splitlines() == [
        "[]",
        "module://matplotlib_inline.backend_inline '' False",
        "False False",
        "shell",
    ]


def test_verification_ignores_settings_of_the_user(
    config: Config, monkeypatch: pytest.MonkeyPatch, user: None
) -> None:
    with monkeypatch.context() as without:
        for name in SETTINGS:
            without.delenv(name)
        write_section(config, section(left=SHOWN))
        build(config)
        close_servers()
    loaded = book.load(config)
    verdict = verify.verify(loaded, loaded.sections, config.frameworks)
    assert [notebook.problems for notebook in verdict.notebooks] == [()]


def test_settings_of_the_book_reach_kernels(config: Config, user: None) -> None:
    file = config.root / "config.ini"
    text = file.read_text("utf-8")
    given = "[framework-left]\nvariables = KERAS_BACKEND=jax\n"
    file.write_text(text.replace("[framework-left]\n", given), "utf-8")
    code = "import os\n\nprint(os.environ['KERAS_BACKEND'])"
    write_section(config, section(left=code))
    build(load(config.root))
    assert streams(config, "left") == ["jax\n"]


def test_long_folder_for_temporary_files_breaks_no_socket(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("long" * 25)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    write_section(config, section(left="print('runs')"))
    build(config)
    assert streams(config, "left") == ["runs\n"]
    forking = any(server.alive for server in started_servers())
    assert forking == bool(config.framework("left").preload)


def test_interrupted_run_leaves_no_temporary_folder(config: Config) -> None:
    # Not pytest's folder: a short path, in which sockets fit.
    folder = tempfile.mkdtemp(prefix="t-", dir=scratch.SHORT)
    started = config.root / "data/started"
    code = f"open({str(started)!r}, 'w').close()\nimport time\n\ntime.sleep(600)"
    write_section(config, section(left=code))
    environments.prepare(config, config.framework("left"))
    process = subprocess.Popen(
        [sys.executable, "-m", "tabbook", "-C", str(config.root), "run"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": folder},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(started.exists)
        assert any(Path(folder).iterdir())
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert not any(Path(folder).iterdir())
    finally:
        process.kill()
        shutil.rmtree(folder)
