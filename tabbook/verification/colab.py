"""Run the committed notebooks as Colab would: its versions, its kernel, its first cell.

Versions that this machine cannot install are replaced and reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import nbformat

from tabbook import environments
from tabbook.base.config import Config, Framework
from tabbook.environments import Environment
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution.job import Job
from tabbook.execution.runner import run
from tabbook.notebooks.compile import compile_section, pinned_versions
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.verification import colab_environment, verify
from tabbook.verification.examine import examine
from tabbook.verification.verdict import Verdict

SETUP_SECONDS = 600
"""Time that the first cell may take, which installs packages that Colab lacks."""


@dataclass(frozen=True)
class Machine:
    """An environment of one framework that is as close to Colab's as possible."""

    framework: Framework
    environment: Environment
    requested: dict[str, str]
    """Requested versions by name, of Python and of the framework's packages."""
    installed: dict[str, str]
    """Installed versions by name, after the first cell ran."""
    setup_output: str = ""
    """Output of the first cell."""

    @property
    def versions(self) -> str:
        """Return the installed versions as one line."""
        return _listed(self.installed)

    @property
    def replacements(self) -> str:
        """Return versions that cannot be installed, with the installed ones."""
        return ", ".join(
            f"{name} {version} (here: {self.installed.get(name, 'none')})"
            for name, version in self.requested.items()
            if not self.installed.get(name, "").startswith(version)
        )


def machines(
    book: Book,
    frameworks: Sequence[Framework],
    *,
    newest: bool = False,
    progress: verify.VerificationProgress | None = None,
) -> list[Machine]:
    """Install the frameworks' packages as on Colab.

    :param newest: install the newest releases instead of those that Colab has.
    :raises BookError: requirements are missing, or nothing can be installed.
    """
    progress = progress or verify.VerificationProgress()
    return [_machine(book, framework, newest, progress) for framework in frameworks]


def check(
    book: Book,
    sections: Sequence[Section],
    machines: Sequence[Machine],
    *,
    start: KernelStart = KernelStart.FRESH,
) -> Verdict:
    """Compare the committed notebooks with their outputs on Colab's versions.

    :param start: how kernels are started. Forked ones are sooner done; what the first
        cell sets then comes after the imports, which on Colab it precedes.
    """
    versions = {machine.framework: machine.versions for machine in machines}
    kernels = {
        machine.framework.name: colab_environment.kernel_launch(
            book.config, machine.framework, machine.environment, start
        )
        for machine in machines
    }
    examined = [
        replace(notebook, other_versions=versions[notebook.framework])
        if notebook.passed
        else notebook
        for notebook in examine(book, sections, list(versions))
    ]
    return Verdict(verify.run_all(book, examined, kernels))


def describe(config: Config, machine: Machine) -> Iterator[str]:
    """Yield lines that compare a machine's versions with the book's own."""
    yield f"{machine.framework.label}: {machine.versions}"
    yield f"  the book: {_listed(pinned_versions(config, machine.framework))}"
    if machine.replacements:
        yield f"  cannot be installed here: {machine.replacements}"


def _machine(
    book: Book,
    framework: Framework,
    newest: bool,
    progress: verify.VerificationProgress,
) -> Machine:
    """Install a framework's environment and run the first cell in it once."""
    result = colab_environment.install(
        book.config, framework, newest=newest, setting_up=progress.setting_up
    )
    output = _run_setup_cell(book, framework, result.environment)
    installed = environments.installed_versions(result.environment.python)
    names = ("python", *framework.packages)
    return Machine(
        framework,
        result.environment,
        {name: result.requested[name] for name in names if name in result.requested},
        {name: installed[name] for name in names if name in installed},
        output,
    )


def _run_setup_cell(book: Book, framework: Framework, environment: Environment) -> str:
    """Run the first cell once by itself: several notebooks would install at once.

    An error is not reported here: it occurs again in each notebook, with its line.

    :returns: the output of the cell.
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
        timeout=SETUP_SECONDS,
    )
    result = run(job, root=book.config.root, jupyter=environment.jupyter)
    outputs = [output for cell in result.notebook.cells for output in cell.outputs]
    return "".join(output.get("text", "") for output in outputs)


def _listed(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())
