"""Environments made by uv from tiny pins: when they are made, and when again."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tabbook import environments
from tabbook.base.config import Config, load
from tabbook.base.errors import BookError

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.ini").write_text(
        f"[build]\ntabs = tiny\n[tabbook]\npython = {PYTHON}\nmemory = 1\n"
        "[framework-tiny]\nvariables = A=1\n",
        "utf-8",
    )
    pins = tmp_path / "environments/tiny.txt"
    pins.parent.mkdir()
    pins.write_text("# comment\nsix==1.16.0\n", "utf-8")
    return load(tmp_path)


def test_is_made_once_and_again_when_pins_change(config: Config) -> None:
    tiny = config.default
    assert environments.ready(config, tiny) is None
    assert environments.why(config, tiny) == "there was none"
    made = environments.prepare(config, tiny)
    assert made.versions["six"] == "1.16.0"
    assert environments.ready(config, tiny) == made
    stamp = made.folder / environments.STAMP
    before = stamp.stat().st_mtime_ns
    environments.prepare(config, tiny)
    assert stamp.stat().st_mtime_ns == before
    tiny.environment.write_text("six==1.17.0\n", "utf-8")
    assert environments.ready(config, tiny) is None
    assert environments.why(config, tiny) == "tiny.txt changed"
    assert environments.prepare(config, tiny).versions["six"] == "1.17.0"


def test_two_builds_at_once_make_one(config: Config) -> None:
    code = (
        "import sys; from pathlib import Path; from tabbook.base import config"
        "; from tabbook import environments"
        "; c = config.load(Path(sys.argv[1])); environments.prepare(c, c.default)"
    )
    command = [sys.executable, "-c", code, str(config.root)]
    with ThreadPoolExecutor(2) as pool:
        runs = list(
            pool.map(
                lambda _: (
                    subprocess.run(
                        command, cwd=environments.REPOSITORY, check=False
                    ).returncode
                ),
                range(2),
            )
        )
    assert runs == [0, 0]
    assert environments.ready(config, config.default)


def test_an_unfinished_one_is_made_again(config: Config) -> None:
    made = environments.prepare(config, config.default)
    (made.folder / environments.STAMP).write_text("{", "utf-8")
    assert environments.ready(config, config.default) is None
    assert environments.why(config, config.default) == "the last set-up did not finish"
    environments.prepare(config, config.default)
    assert environments.ready(config, config.default) == made


def test_no_network_is_one_message(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(BookError, match=r"(?s)tiny could not be set up.*network"):
        environments.prepare(config, config.default)
    assert environments.ready(config, config.default) is None


def test_missing_pins_name_the_file_to_write(config: Config) -> None:
    config.default.environment.unlink()
    with pytest.raises(BookError, match=r"tiny\.txt: .*write their names to tiny\.in"):
        environments.prepare(config, config.default)


def test_the_kernel_carries_variables_and_limit(config: Config) -> None:
    import json

    made = environments.prepare(config, config.default)
    spec = json.loads((made.jupyter / "kernels/python3/kernel.json").read_text("utf-8"))
    assert spec["env"]["A"] == "1"
    assert spec["env"]["PYTHONPATH"] == ""
    assert str(1024 * 1024) in spec["argv"]
    assert str(made.python) in spec["argv"]


@pytest.mark.parametrize("name", ["mxnet", "pytorch", "tensorflow", "book", "d2lbook"])
def test_pins_are_whole_and_carry_no_address(name: str) -> None:
    file = environments.REPOSITORY / "environments" / f"{name}.txt"
    text = file.read_text("utf-8")
    assert "://" not in text
    assert "+cpu" not in text
    wanted = [line for line in text.splitlines() if line and line[0].isalpha()]
    assert all("==" in line for line in wanted)
    names = {line.split("==")[0].lower() for line in wanted}
    asked = file.with_suffix(".in").read_text("utf-8").splitlines()
    for line in asked:
        if line and not line.startswith("#"):
            assert line.split("=")[0].split("<")[0].strip().lower() in names
