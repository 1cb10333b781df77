"""Environments installed by uv from two small releases: when, and when again."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zipfile import ZipFile

import pytest

from tabbook import environments
from tabbook.base.config import Config, load
from tabbook.base.engine import REPOSITORY
from tabbook.base.errors import BookError
from tabbook.environments import Upgrade
from tabbook.environments.environment import RECORD
from tabbook.environments.pins import is_hashed, read_requirements
from tabbook.environments.venv import setup_reason
from tabbook.notebooks import store

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"

PREPARE = """
import sys
from pathlib import Path
from tabbook import environments
from tabbook.base import config
book = config.load(Path(sys.argv[1]))
environments.prepare(book, book.default)
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.ini").write_text(
        f"[build]\ntabs = tiny\n[tabbook]\npython = {PYTHON}\nmemory = 1\n"
        "[framework-tiny]\nvariables = A=1\n",
        "utf-8",
    )
    requirements = tmp_path / "environments/tiny.txt"
    requirements.parent.mkdir()
    requirements.write_text("# comment\nsix==1.16.0\n", "utf-8")
    return load(tmp_path)


def test_environment_is_installed_once_and_again_when_pins_change(
    config: Config,
) -> None:
    tiny = config.default
    assert environments.ready(config, tiny) is None
    assert setup_reason(config, tiny) == "there was none"
    environment = environments.prepare(config, tiny)
    assert environment.versions["six"] == "1.16.0"
    assert environments.ready(config, tiny) == environment
    record = environment.folder / RECORD
    before = record.stat().st_mtime_ns
    environments.prepare(config, tiny)
    assert record.stat().st_mtime_ns == before
    tiny.environment.write_text("six==1.17.0\n", "utf-8")
    assert environments.ready(config, tiny) is None
    assert setup_reason(config, tiny) == "tiny.txt changed"
    assert environments.prepare(config, tiny).versions["six"] == "1.17.0"


def test_two_processes_install_one_environment(config: Config) -> None:
    command = [sys.executable, "-c", PREPARE, str(config.root)]

    def prepare(_: int) -> int:
        return subprocess.run(command, cwd=REPOSITORY, check=False).returncode

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(prepare, range(2))) == [0, 0]
    assert environments.ready(config, config.default)


def test_incomplete_installation_is_repeated(config: Config) -> None:
    environment = environments.prepare(config, config.default)
    (environment.folder / RECORD).write_text("{", "utf-8")
    assert environments.ready(config, config.default) is None
    assert setup_reason(config, config.default) == "the last set-up did not finish"
    environments.prepare(config, config.default)
    assert environments.ready(config, config.default) == environment


def test_missing_network_is_an_error_message(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(BookError, match=r"(?s)tiny could not be set up.*network"):
        environments.prepare(config, config.default)
    assert environments.ready(config, config.default) is None


def write_wheel(folder: Path, version: str, tag: str, name: str = "lone") -> None:
    """Write a release of an empty distribution, for one kind of system."""
    about = f"{name}-{version}.dist-info"
    with ZipFile(folder / f"{name}-{version}-py3-none-{tag}.whl", "w") as wheel:
        wheel.writestr(
            f"{about}/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        )
        wheel.writestr(
            f"{about}/WHEEL",
            f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-{tag}\n",
        )
        wheel.writestr(f"{about}/RECORD", "")


def test_release_without_wheel_here_is_named_and_the_advice_works(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_wheel(tmp_path, "2.0", "win_amd64")
    write_wheel(tmp_path, "1.0", "any")
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    pinned = config.default.environment
    pinned.write_text("lone==2.0\n", "utf-8")
    message = r"environment tiny could not be set up: lone==2\.0 has no wheel for this"
    with pytest.raises(BookError, match=message):
        environments.prepare(config, config.default)
    pinned.with_suffix(".in").write_text("lone<2\n", "utf-8")
    environments.pin(pinned.with_suffix(".in"), PYTHON)
    assert environments.prepare(config, config.default).versions["lone"] == "1.0"


def test_missing_pins_name_the_command_that_writes_them(config: Config) -> None:
    pinned = config.default.environment
    pinned.unlink()
    with pytest.raises(BookError, match=r"tiny\.txt: .*write their names to tiny\.in"):
        environments.prepare(config, config.default)
    with pytest.raises(BookError, match=r"tiny\.in: there is no such file"):
        environments.pin(pinned.with_suffix(".in"), PYTHON)
    pinned.with_suffix(".in").write_text("six<1.17\n", "utf-8")
    assert environments.pin(pinned.with_suffix(".in"), PYTHON) == pinned
    assert environments.read_pins(config.default) == ["six==1.16.0"]


def test_pin_changes_what_was_asked_for(tmp_path: Path) -> None:
    wanted = tmp_path / "tiny.in"
    pinned = wanted.with_suffix(".txt")
    wanted.write_text("six\niniconfig\n", "utf-8")
    old = ["iniconfig==1.1.1", "six==1.15.0"]

    def pin(upgrade: Upgrade = Upgrade(), pins: list[str] = old) -> dict[str, str]:  # noqa: B008
        pinned.write_text("\n".join([*pins, ""]), "utf-8")
        environments.pin(wanted, PYTHON, upgrade)
        return dict(line.split("==") for line in read_requirements(pinned))

    assert pin() == {"iniconfig": "1.1.1", "six": "1.15.0"}
    selected = pin(Upgrade(packages=("six",)))
    assert selected["iniconfig"] == "1.1.1"
    assert selected["six"] not in ("1.15.0", "")
    everything = pin(Upgrade(everything=True))
    assert everything["iniconfig"] != "1.1.1"
    assert everything["six"] == selected["six"]
    assert pin(pins=old[1:]) == {**everything, "six": "1.15.0"}
    wanted.write_text("six==1.16.0\niniconfig\n", "utf-8")
    assert pin() == {"iniconfig": "1.1.1", "six": "1.16.0"}


SIX = "8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254"
"""Of the wheel of six 1.16.0."""


def test_hashes_are_required_and_no_part_of_keys(config: Config) -> None:
    tiny, pins = config.default, config.default.environment
    key = store.environment(config, tiny)
    pins.write_text(f"six==1.16.0 \\\n    --hash=sha256:{'0' * 64}\n", "utf-8")
    for other in ("", "iniconfig==1.1.1\n"):  # one without hashes excuses no other
        pins.write_text(other + pins.read_text("utf-8"), "utf-8")
        with pytest.raises(BookError, match=r"six==1\.16\.0 is not one of those whose"):
            environments.prepare(config, tiny)
    pins.write_text(f"six==1.16.0 \\\n    --hash=sha256:{SIX}\n", "utf-8")
    assert store.environment(config, tiny) == key
    assert environments.prepare(config, tiny).versions["six"] == "1.16.0"


def test_file_that_was_not_pinned_is_named_and_the_advice_works(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_wheel(tmp_path, "1.0", "any")
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    pins = config.default.environment
    pins.write_text(f"lone==1.0 \\\n    --hash=sha256:{SIX}\n", "utf-8")
    with pytest.raises(BookError, match=r"the file of lone==1\.0 .* pin NAME to take"):
        environments.prepare(config, config.default)
    pins.with_suffix(".in").write_text("lone\n", "utf-8")
    environments.pin(pins.with_suffix(".in"), PYTHON)
    assert is_hashed(pins)
    assert environments.prepare(config, config.default).versions["lone"] == "1.0"


def test_pin_writes_hashes_but_not_of_builds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_wheel(tmp_path, "9.9+cpu", "any", "torch")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    wanted = tmp_path / "tiny.in"
    wanted.write_text("six==1.16.0\ntorch==9.9\n", "utf-8")
    pins = environments.pin(wanted, PYTHON)
    assert f"--hash=sha256:{SIX}" in pins.read_text("utf-8")
    assert pins.read_text("utf-8").splitlines()[-1] == "torch==9.9"
    assert not is_hashed(pins)
    wanted.write_text("six==1.16.0\n", "utf-8")
    assert is_hashed(environments.pin(wanted, PYTHON))


@pytest.mark.parametrize(
    "file",
    [*(REPOSITORY / "environments").glob("*.txt"), *environments.TOOLS.glob("*.txt")],
    ids=lambda file: file.stem,
)
def test_pins_have_hashes(file: Path) -> None:
    lines = file.read_text("utf-8").replace("\\\n", " ").splitlines()
    unhashed = {
        line.partition("==")[0] for line in lines if "--hash=sha256:" not in line
    }
    assert unhashed <= {"torch"}


def test_kernel_specification_has_variables_and_memory_limit(config: Config) -> None:
    environment = environments.prepare(config, config.default)
    file = environment.jupyter / "kernels/python3/kernel.json"
    specification = json.loads(file.read_text("utf-8"))
    assert specification["env"]["A"] == "1"
    assert specification["env"]["PYTHONPATH"] == ""
    assert str(1024 * 1024) in specification["argv"]
    assert str(environment.python) in specification["argv"]


def test_set_up_needs_the_standard_library_only() -> None:
    """build.sh installs the engine's dependencies with it."""
    code = "import tabbook.cli.bootstrap"
    subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path += ['.']; {code}"],
        cwd=REPOSITORY,
        check=True,
    )


@pytest.mark.parametrize(
    "name", ["mxnet", "pytorch", "tensorflow", "book", "d2lbook", "figures"]
)
def test_pins_are_complete_and_without_addresses(name: str) -> None:
    file = REPOSITORY / "environments" / f"{name}.txt"
    if name == "figures":
        file = environments.TOOLS / file.name
    text = file.read_text("utf-8")
    assert "://" not in text
    assert "+cpu" not in text
    pinned = [line for line in text.splitlines() if line and line[0].isalpha()]
    assert all("==" in line for line in pinned)
    names = {line.split("==")[0].lower() for line in pinned}
    for line in file.with_suffix(".in").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            wanted = line.split("=")[0].split("<")[0].strip().lower()
            assert wanted.replace("_", "-") in names
