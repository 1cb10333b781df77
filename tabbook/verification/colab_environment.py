"""Install a framework's packages as on Colab, as closely as possible.

A version of Python or a release that this machine cannot install is replaced by the
one that the book itself is pinned to.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tabbook import environments
from tabbook.base import files
from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.base.folders import output_folder
from tabbook.base.program import command_line
from tabbook.environments import COLAB_SUFFIX, Environment, kernelspec
from tabbook.environments.kernelspec import KernelStart
from tabbook.environments.pins import read_requirements
from tabbook.execution.forkserver.kernels import KernelLaunch
from tabbook.execution.forkserver.servers import fork_server_for

NEWEST_SUFFIX = "-newest"
"""Suffix of the names of environments with the newest releases."""

REQUIREMENT_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")

STARTUP = (
    "import sys, types\n"
    "colab = sys.modules['google.colab'] = types.ModuleType('google.colab')\n"
    "colab.output = sys.modules['google.colab.output'] = types.ModuleType('output')\n"
    f"{kernelspec.STARTUP}\n"
)
"""Code that a kernel runs first: a stand-in for the module that cells look for.

Where that is, JAX imports the module for outputs while it is imported itself.
"""

LAUNCH = kernelspec.LIMITED_KERNEL + " >/dev/null 2>&1"
"""Shell command of the kernel; on Colab, output of C libraries goes to a log."""

VARIABLES = {
    "MATPLOTLIBRC": "",
    "MPLBACKEND": kernelspec.KERNEL_VARIABLES["MPLBACKEND"],
    "OMP_NUM_THREADS": "1",  # several kernels share this machine; on Colab none do
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONNOUSERSITE": "1",
    "PYTHONPATH": "",
    "PYTHONWARNINGS": "",
}
"""Variables that keep this machine's settings out; config.ini's are left out too."""


@dataclass(frozen=True)
class Candidate:
    """One way to install an environment."""

    config: Config
    name: str
    requirements: tuple[str, ...]
    """Requirements to resolve; empty if ``file`` is committed."""
    file: Path
    """The pinned file, written by resolving the requirements."""
    python: str
    is_exact: bool
    """Whether it has the requested releases, and none of the book's instead."""

    @property
    def is_resolved(self) -> bool:
        """Return whether the file has the pins of today's requirements."""
        source = self._source
        text = source.read_text("utf-8") if source.is_file() else ""
        return not self.requirements or text == self._text

    @property
    def _source(self) -> Path:
        return self.file.with_suffix(".in")

    @property
    def _text(self) -> str:
        return "\n".join(self.requirements) + "\n"

    def install(self) -> Environment:
        """Resolve requirements that are not pinned yet, and install them.

        :raises BookError: it cannot be resolved or installed.
        """
        if self.requirements:
            files.write_text(self._source, self._text)
            environments.pin(self._source, self.python)
        return environments.prepare_from(
            self.config, self.name, self.file, self.python, torch_index=self.is_exact
        )


@dataclass(frozen=True)
class Installed:
    """An environment and its differences from the requested one."""

    environment: Environment
    requested: dict[str, str]
    """Requested versions by name, of Python and of pinned packages."""


def install(
    config: Config,
    framework: Framework,
    *,
    newest: bool,
    setting_up: Callable[[Framework, str], None],
) -> Installed:
    """Install the environment of a framework and its kernel specification.

    :param newest: install the newest releases instead of those that Colab has.
    :param setting_up: called before anything is installed, with the reason.
    :raises BookError: requirements are missing, or nothing can be installed.
    """
    lines = _requirements(framework)
    lines = [_name(line) for line in lines] if newest else lines
    candidates = list(_candidates(config, framework, lines, newest=newest))
    candidate, environment = _ready(candidates) or _install_first(
        framework, candidates, setting_up
    )
    _write_kernel_specifications(config, framework, environment)
    pinned = dict(line.split("==", 1) for line in lines if "==" in line)
    requested = {"python": candidates[0].python, **pinned}
    if newest and not candidate.is_exact:
        requested |= dict.fromkeys(_main_package(framework), "newest")
    return Installed(environment, requested)


def _main_package(framework: Framework) -> tuple[str, ...]:
    """Return the package that is the framework itself; empty if none is named."""
    return framework.packages[:1]


def _candidates(
    config: Config, framework: Framework, requirements: Sequence[str], *, newest: bool
) -> Iterator[Candidate]:
    """Yield ways to install an environment, the one most like Colab first."""
    name = framework.name + (NEWEST_SUFFIX if newest else COLAB_SUFFIX)
    scratch = output_folder.claim(config) / "colab"
    for python in dict.fromkeys([config.colab_python or config.python, config.python]):
        if newest:
            file = scratch / f"{name}-{python}.txt"
            yield Candidate(config, name, tuple(requirements), file, python, True)
        else:
            file = _requirements_file(framework).with_suffix(".txt")
            yield Candidate(config, name, (), file, python, True)
    main = _main_package(framework)
    pins = {
        _name(line): line
        for line in environments.read_pins(framework)
        if _name(line) in main
    }
    replaced = tuple(pins.get(_name(line), line) for line in requirements)
    file = scratch / f"{name}-stand-in.txt"
    yield Candidate(config, name, replaced, file, config.python, False)


def _ready(candidates: Sequence[Candidate]) -> tuple[Candidate, Environment] | None:
    """Return an environment that is installed already.

    Environments with the newest releases are always resolved again.
    """
    for candidate in candidates:
        if candidate.is_resolved and not candidate.name.endswith(NEWEST_SUFFIX):
            environment = environments.ready_from(
                candidate.config, candidate.name, candidate.file, candidate.python
            )
            if environment:
                return candidate, environment
    return None


def _install_first(
    framework: Framework,
    candidates: Sequence[Candidate],
    setting_up: Callable[[Framework, str], None],
) -> tuple[Candidate, Environment]:
    """Install the first candidate that can be installed.

    :raises BookError: none can be; the error is that of the first.
    """
    setting_up(framework, "for this check")
    failures = []
    for candidate in candidates:
        try:
            return candidate, candidate.install()
        except BookError as error:
            failures.append(error)
    raise failures[0]


def _requirements_file(framework: Framework) -> Path:
    return framework.environment.with_name(f"{framework.name}{COLAB_SUFFIX}.in")


def _requirements(framework: Framework) -> list[str]:
    """Return the packages that the notebooks use, in the versions that Colab has.

    :raises BookError: the file cannot be read.
    """
    file = _requirements_file(framework)
    try:
        return read_requirements(file)
    except OSError as error:
        raise BookError(
            f"{file}: cannot be read ({error.strerror}); list in it the packages that "
            f"the notebooks of {framework.label} use, in Colab's versions, and run "
            f"{command_line(f'pin --framework {file.stem}')}"
        ) from error


def _name(requirement: str) -> str:
    match = REQUIREMENT_NAME.match(requirement)
    return match[0] if match else requirement


def kernel_launch(
    config: Config, framework: Framework, environment: Environment, start: KernelStart
) -> KernelLaunch:
    """Return how the kernels are started; start their fork server.

    :param start: a forked kernel has imported the framework before its first cell.
    """
    if start is KernelStart.FRESH:
        return KernelLaunch(environment.jupyter)
    variables = _variables(environment)
    command = kernelspec.fork_server_command(config, framework, environment, variables)
    server = fork_server_for(command, {**os.environ, **variables})
    return KernelLaunch(environment.jupyter_forking, server.address if server else "")


def _variables(environment: Environment) -> dict[str, str]:
    """Return the environment variables of the kernels."""
    return {
        **VARIABLES,
        **kernelspec.path_variable(environment),
        "IPYTHONDIR": str(environment.ipython),
        "MPLCONFIGDIR": str(environment.matplotlib),
        "KERAS_HOME": str(environment.keras),
    }


def _write_kernel_specifications(
    config: Config, framework: Framework, environment: Environment
) -> None:
    """Write kernel specifications without the book's settings of IPython."""
    profile = environment.ipython / "profile_default"
    files.write_text(profile / "ipython_kernel_config.py", STARTUP)
    variables = _variables(environment)
    specification: dict[str, object] = {
        "argv": [
            *("/bin/sh", "-c", LAUNCH, kernelspec.memory_limit(config)),
            *(str(environment.python), "-m", "ipykernel_launcher"),
            *("-f", "{connection_file}", *kernelspec.KERNEL_OPTIONS),
            "--IPKernelApp.capture_fd_output=False",
        ],
        "display_name": framework.label,
        "language": "python",
        "env": variables,
    }
    command = kernelspec.fork_server_command(config, framework, environment, variables)
    kernelspec.write_specifications(environment, specification, command)
