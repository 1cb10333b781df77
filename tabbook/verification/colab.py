"""Run the committed notebooks as Colab would: its versions, its kernel, its first cell.

What cannot be had on this machine (a Python, a release) is replaced by what the book
itself runs with, and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat

from tabbook import environments
from tabbook.base import files
from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.environments import COLAB_SUFFIX, Environment, kernelspec
from tabbook.execution.forkserver.kernels import KernelLaunch
from tabbook.execution.job import Job
from tabbook.execution.runner import run
from tabbook.notebooks.compile import compile_section, pinned_versions
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.verification import verify
from tabbook.verification.examine import examine
from tabbook.verification.verdict import Verdict

NEWEST = "-newest"
"""How the name of an environment ends that has the newest releases."""

INSTALLING = 600
"""Seconds that the first cell may take."""

REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*")

START = (
    "import sys, types; "
    "sys.modules['google.colab'] = types.ModuleType('google.colab'); "
    "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
)
"""A kernel as Colab starts it: the module by which cells know it is there."""

LAUNCH = kernelspec.LIMITED_KERNEL + " >/dev/null 2>&1"
"""What a library's C code prints goes to Colab's log, and not below the cell."""

VARIABLES = {
    "MATPLOTLIBRC": "",
    "MPLBACKEND": kernelspec.KERNEL_VARIABLES["MPLBACKEND"],
    "OMP_NUM_THREADS": "1",  # several kernels share this machine; on Colab none do
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONNOUSERSITE": "1",
    "PYTHONPATH": "",
    "PYTHONWARNINGS": "",
}
"""What keeps this machine's settings out. None of the frameworks' own goes in."""


@dataclass(frozen=True)
class Machine:
    """An environment of one framework that is as Colab is, as near as can be had."""

    framework: Framework
    environment: Environment
    wanted: dict[str, str]
    """The versions asked for, of Python and of the framework's packages."""
    found: dict[str, str]
    """The versions that are there, once the first cell ran."""
    said: str = ""
    """What the first cell printed."""

    @property
    def versions(self) -> str:
        """Return the versions as a line."""
        return ", ".join(f"{name} {version}" for name, version in self.found.items())

    @property
    def lacking(self) -> str:
        """Return what could not be had and what stands in for it; empty for nothing."""
        return ", ".join(
            f"{name} {version} (here: {self.found.get(name, 'none')})"
            for name, version in self.wanted.items()
            if not self.found.get(name, "").startswith(version)
        )


@dataclass(frozen=True)
class Attempt:
    """One way to make an environment; the one most like Colab comes first."""

    config: Config
    name: str
    lines: tuple[str, ...]
    """What it needs; nothing where the file is pinned and committed."""
    file: Path
    """The pinned file, made of the lines."""
    python: str
    nearest: bool
    """Whether it is as asked for, and no stand-in."""

    def make(self) -> Environment:
        """Resolve what is not pinned yet, and install it."""
        if self.lines:
            source = self.file.with_suffix(".in")
            files.write_text(source, "\n".join(self.lines) + "\n")
            environments.pin(source, self.python)
        return environments.prepare_from(
            self.config, self.name, self.file, self.python, torch_index=self.nearest
        )


def machines(
    book: Book,
    frameworks: Sequence[Framework],
    *,
    newest: bool = False,
    progress: verify.VerificationProgress | None = None,
) -> list[Machine]:
    """Make what the frameworks' notebooks run with on Colab.

    :param newest: with the newest releases instead of those that Colab has.
    :raises BookError: requirements are missing, or no environment can be made.
    """
    progress = progress or verify.VerificationProgress()
    return [_machine(book, one, newest, progress) for one in frameworks]


def check(
    book: Book,
    sections: Sequence[Section],
    machines: Sequence[Machine],
    *,
    jobs: int,
) -> Verdict:
    """Compare the committed notebooks with what they give on Colab's versions.

    :param jobs: how many notebooks run at once.
    """
    versions = {one.framework: one.versions for one in machines}
    kernels = {
        one.framework.name: KernelLaunch(one.environment.jupyter) for one in machines
    }
    found = [
        replace(one, other_versions=versions[one.framework]) if one.passed else one
        for one in examine(book, sections, list(versions))
    ]
    return Verdict(verify.run_all(book, found, kernels, jobs=jobs))


def told(config: Config, machine: Machine) -> Iterator[str]:
    """Yield lines on what a framework's notebooks run with, beside the book's own."""
    pinned = pinned_versions(config, machine.framework).items()
    yield f"{machine.framework.label}: {machine.versions}"
    yield "  the book: " + ", ".join(f"{name} {version}" for name, version in pinned)
    if machine.lacking:
        yield f"  cannot be had here: {machine.lacking}"


def _machine(
    book: Book,
    framework: Framework,
    newest: bool,
    progress: verify.VerificationProgress,
) -> Machine:
    """Make a framework's environment and let the first cell bring what is missing."""
    config = book.config
    lines = _requirements(framework)
    lines = [_name(line) for line in lines] if newest else lines
    attempts = list(_attempts(config, framework, lines, newest=newest))
    attempt, made = _standing(attempts) or _prepared(framework, attempts, progress)
    _write_kernel(config, framework, made)
    said = _set_up(book, framework, made)
    installed = environments.installed_versions(made.python)
    pinned = dict(line.split("==", 1) for line in lines if "==" in line)
    wanted = {"python": attempts[0].python, **pinned}
    if newest and not attempt.nearest:
        wanted |= dict.fromkeys(_own(framework), "newest")
    names = ("python", *framework.packages)
    return Machine(
        framework,
        made,
        {name: wanted[name] for name in names if name in wanted},
        {name: installed[name] for name in names if name in installed},
        said,
    )


def _own(framework: Framework) -> tuple[str, ...]:
    """Return the framework itself among its packages."""
    return framework.packages[:1]


def _attempts(
    config: Config, framework: Framework, lines: Sequence[str], *, newest: bool
) -> Iterator[Attempt]:
    """Yield ways to make a framework's environment, the one most like Colab first."""
    name = framework.name + (NEWEST if newest else COLAB_SUFFIX)
    scratch = config.output / "colab"
    for python in dict.fromkeys([config.colab_python or config.python, config.python]):
        if newest:
            file = scratch / f"{name}-{python}.txt"
            yield Attempt(config, name, tuple(lines), file, python, True)
        else:
            file = _requirements_file(framework).with_suffix(".txt")
            yield Attempt(config, name, (), file, python, True)
    own = _own(framework)
    book = {
        _name(line): line
        for line in environments.read_pins(framework)
        if _name(line) in own
    }
    stand_in = tuple(book.get(_name(line), line) for line in lines)
    file = scratch / f"{name}-stand-in.txt"
    yield Attempt(config, name, stand_in, file, config.python, False)


def _standing(attempts: Sequence[Attempt]) -> tuple[Attempt, Environment] | None:
    """Return an environment that is there already; what is newest is not known."""
    for one in attempts:
        if not one.name.endswith(NEWEST):
            made = environments.ready_from(one.config, one.name, one.file, one.python)
            if made:
                return one, made
    return None


def _prepared(
    framework: Framework,
    attempts: Sequence[Attempt],
    progress: verify.VerificationProgress,
) -> tuple[Attempt, Environment]:
    progress.setting_up(framework, "for this check")
    failures = []
    for one in attempts:
        try:
            return one, one.make()
        except BookError as error:
            failures.append(error)
    raise failures[0]


def _requirements_file(framework: Framework) -> Path:
    return framework.environment.with_name(f"{framework.name}{COLAB_SUFFIX}.in")


def _requirements(framework: Framework) -> list[str]:
    """Return what Colab has of what the framework's notebooks use.

    :raises BookError: the file is missing.
    """
    file = _requirements_file(framework)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise BookError(
            f"{file}: cannot be read ({error.strerror}); write there what Colab has of "
            f"what the notebooks of {framework.label} use, and run ./build.sh pin "
            f"--framework {file.stem}"
        ) from error
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def _name(requirement: str) -> str:
    match = REQUIREMENT.match(requirement)
    return match[0] if match else requirement


def _write_kernel(config: Config, framework: Framework, made: Environment) -> None:
    """Make it a kernel as Colab has it: no profile and no settings of ours."""
    profile = made.folder / "share" / "no-profile"
    spec: dict[str, object] = {
        "argv": [
            *(
                "/bin/sh",
                "-c",
                LAUNCH,
                kernelspec.memory_limit(config),
                str(made.python),
            ),
            *("-c", START, "-f", "{connection_file}"),
            "--HistoryManager.enabled=False",
            "--IPKernelApp.log_level=CRITICAL",
            "--IPKernelApp.capture_fd_output=False",
        ],
        "display_name": framework.label,
        "language": "python",
        "env": {
            **VARIABLES,
            "IPYTHONDIR": str(profile),
            "MPLCONFIGDIR": str(made.matplotlib),
        },
    }
    kernelspec.write_specification(made.jupyter, spec)


def _set_up(book: Book, framework: Framework, made: Environment) -> str:
    """Run the first cell once by itself: many notebooks would install at once.

    What goes wrong here goes wrong in each notebook, which says so.

    :returns: what the cell printed.
    """
    compiled = next(
        notebook
        for section in book.sections
        if (notebook := compile_section(book, section, framework))
    )
    cells = [cell for cell in compiled.cells if cell.get("id") == SETUP_CELL_ID]
    job = Job(
        section=SETUP_CELL_ID,
        framework=framework.name,
        notebook=nbformat.v4.new_notebook(cells=cells),
        lines=(0,) * len(cells),
        resources=(),
        timeout=INSTALLING,
    )
    result = run(job, root=book.config.root, jupyter=made.jupyter)
    outputs = [one for cell in result.notebook.cells for one in cell.outputs]
    return "".join(one.get("text", "") for one in outputs)
