"""Create virtual environments from pinned requirements, and keep them up to date."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tabbook.base.config import Config, Framework
from tabbook.base.engine import REPOSITORY, engine_folder
from tabbook.base.files import disk_errors
from tabbook.base.folders.locks import lock
from tabbook.environments import uv
from tabbook.environments.environment import Environment, installed_versions
from tabbook.environments.kernelspec import write_kernels
from tabbook.environments.pins import is_hashed, read_pins, requirements_digest

ENGINE = "book"
"""Name of the environment that the engine itself runs in, in a checkout."""

TOOLS = Path(__file__).with_name("tools")
"""Folder of the pins of tools that the engine runs in environments of their own."""

OnSetup = Callable[[Framework, str], None]
"""Called before an environment is set up, with the reason."""


def ready(config: Config, framework: Framework) -> Environment | None:
    """Return the framework's environment if it matches its pins, else None."""
    environment = Environment(framework.name, config.venvs / framework.name)
    if not environment.is_ready(
        requirements_digest(read_pins(framework), config.python)
    ):
        return None
    write_kernels(config, framework, environment)
    return environment


def prepare(
    config: Config,
    framework: Framework,
    on_setup: OnSetup = lambda framework, reason: None,
) -> Environment:
    """Return the framework's environment; set it up if it is missing or outdated.

    :param on_setup: called before a set-up, which takes minutes.
    :raises BookError: uv failed, for example without a network.
    """
    if ready(config, framework) is None:
        on_setup(framework, setup_reason(config, framework))
    environment = Environment(framework.name, config.venvs / framework.name)
    install(environment, framework.environment, read_pins(framework), config.python)
    write_kernels(config, framework, environment)
    return environment


def setup_reason(config: Config, framework: Framework) -> str:
    """Return why a framework's environment has to be set up."""
    environment = Environment(framework.name, config.venvs / framework.name)
    if not environment.folder.exists():
        return "there was none"
    if not environment.digest:
        return "the last set-up did not finish"
    return f"{framework.environment.name} changed"


def ready_engine() -> Environment | None:
    """Return the engine's own environment if it matches its pins, else None."""
    environment = Environment(ENGINE, engine_folder() / ENGINE)
    digest = requirements_digest(_tool_requirements(ENGINE), _running_version())
    return environment if environment.is_ready(digest) else None


def prepare_tool(name: str = ENGINE, python: str = "") -> Environment:
    """Return an environment of the engine; set it up if outdated.

    :param name: a tool, ``ENGINE``, or the stem of another file of the repository's
        ``environments/``.
    :param python: its version of Python; without one, that of this process.
    :raises BookError: uv failed, for example without a network.
    """
    environment = Environment(name, engine_folder() / name)
    requirements = _tool_requirements(name)
    python = python or _running_version()
    install(environment, _tool_pins(name), requirements, python)
    return environment


def ready_from(
    config: Config, name: str, file: Path, python: str
) -> Environment | None:
    """Return an environment of ``prepare_from`` if it matches its pins, else None."""
    environment = Environment(name, config.venvs / name)
    if not file.is_file():
        return None
    digest = requirements_digest(read_pins(Framework(name, name, file)), python)
    return environment if environment.is_ready(digest) else None


def prepare_from(
    config: Config, name: str, file: Path, python: str, *, torch_index: bool
) -> Environment:
    """Return an environment of the book from any file of pinned requirements.

    :param torch_index: take PyTorch from its own index, whatever pip's settings say.
    :raises BookError: uv failed: there is no such Python or release, or no network.
    """
    environment = Environment(name, config.venvs / name)
    with uv.cpu_torch() if torch_index else contextlib.nullcontext():
        install(environment, file, read_pins(Framework(name, name, file)), python)
    return environment


def install(
    environment: Environment, file: Path, requirements: list[str], python: str
) -> None:
    """Install pinned requirements, unless they are installed already.

    :param file: the requirements as uv reads them.
    :param requirements: the dependencies of the environment, ``file``'s lines and more.
    :param python: the version of Python, such as ``3.11``.
    :raises BookError: uv failed, or the disk is full.
    """
    digest = requirements_digest(requirements, python)
    folder = environment.folder
    with disk_errors(folder), lock(folder.with_name(f"{folder.name}.lock")):
        if environment.is_ready(digest):
            return
        environment.mark_incomplete()
        failure = f"the environment {environment.name} could not be set up"
        if environment.python_version != python:
            shutil.rmtree(folder, ignore_errors=True)
            uv.run(
                ["venv", "--quiet", "--python", python, str(folder)], failure=failure
            )
        command = ["pip", "sync", "--quiet", "--compile-bytecode"]
        command += ["--require-hashes"] if is_hashed(file) else []
        command += ["--python", str(environment.python), str(file)]
        uv.run(command, failure=failure)
        if environment.name == ENGINE:
            _install_engine(environment, failure)
        _cache_fonts(environment)
        environment.mark_complete(digest, installed_versions(environment.python))


def _tool_requirements(name: str) -> list[str]:
    """Return the dependencies of an environment of the engine."""
    requirements = read_pins(Framework(name, name, _tool_pins(name)))
    if name == ENGINE:  # the engine is installed too, for its entry points
        requirements.append((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    return requirements


def _tool_pins(name: str) -> Path:
    """Return the pins of a tool, or of another environment of the repository."""
    of_tool = TOOLS / f"{name}.txt"
    return of_tool if of_tool.is_file() else REPOSITORY / "environments" / of_tool.name


def _running_version() -> str:
    """Return the version of this process's Python, such as ``3.11``."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _install_engine(environment: Environment, failure: str) -> None:
    """Install the engine in place, so that its entry points are registered."""
    command = ["pip", "install", "--quiet", "--python", str(environment.python)]
    command += ["--no-deps", "--no-build-isolation"]
    # As a plain path: setuptools' import finder slows down each start of Python.
    command += ["--config-settings", "editable_mode=compat"]
    command += ["--editable", str(REPOSITORY)]
    uv.run(command, failure=failure)


def _cache_fonts(environment: Environment) -> None:
    """Let matplotlib, if installed, build its list of fonts.

    Otherwise the first kernel that draws builds it, and warns that it takes long.
    """
    variables = {**os.environ, "MPLCONFIGDIR": str(environment.matplotlib)}
    command = [str(environment.python), "-I", "-c", "import matplotlib.font_manager"]
    subprocess.run(command, env=variables, capture_output=True, check=False)
