"""Find remarks for the author on a run: in outputs, failures, second runs."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from nbformat import NotebookNode

from tabbook.base.config import Config, Framework
from tabbook.base.program import command_line
from tabbook.execution.job import Failure, Job, NotebookRunner, Observation, Result
from tabbook.notebooks.outputs import instability
from tabbook.notebooks.outputs.instability import UNSTABLE
from tabbook.notebooks.outputs.visible import comparable

LONG_OUTPUT = "long-output"
"""Name of the warning of an output that nobody reads to its end."""

MOST_LINES = 200
"""Lines of text that a cell may print without a warning."""

EXAMPLE = 80
"""Characters of an output that a message quotes."""

MISSING_MODULE = re.compile(r"ModuleNotFoundError: No module named '(?P<name>[^']+)'")


def observations(job: Job, result: Result) -> Iterator[Observation]:
    """Yield the remarks of the kernel, and those on the outputs of a run."""
    yield from result.observations
    for line, cell in _code_cells(job, result.notebook):
        if unstable := instability.find(cell.outputs):
            kind, example = unstable
            advice = kind.advice.format(framework=job.framework)
            message = (
                f"the output shows {kind.noun}, which no other run will print: "
                f"{example[:EXAMPLE]!r}; {advice}"
            )
            yield Observation(line, UNSTABLE, message)
        count = sum(text.count("\n") for text in instability.texts(cell.outputs))
        if count > MOST_LINES:
            message = (
                f"the cell prints {count} lines; print the first ones, or a summary"
            )
            yield Observation(line, LONG_OUTPUT, message)


def differences(job: Job, first: Result, second: Result) -> Iterator[Observation]:
    """Yield a cell for each that gave other outputs in the second run."""
    if second.failure:
        message = f"the second run failed: {second.failure.message}"
        yield Observation(second.failure.line, UNSTABLE, message)
        return
    pairs = zip(
        _code_cells(job, first.notebook),
        _code_cells(job, second.notebook),
        strict=True,
    )
    for (line, before), (_, after) in pairs:
        if comparable(before.outputs) != comparable(after.outputs):
            text = "\n".join(instability.texts(before.outputs))
            advice = instability.advice(text, job.framework)
            message = f"the output changes from run to run: {advice}"
            yield Observation(line, UNSTABLE, message)


@dataclass(frozen=True)
class TwiceRunner:
    """Executes each notebook twice by another runner."""

    runner: NotebookRunner
    """The runner that executes."""

    def run(self, jobs: Sequence[Job]) -> Generator[tuple[Job, Result], None, None]:
        """Yield the first result of each notebook, with the differences of the second.

        A notebook that fails is not run again.
        """
        first: dict[str, Result] = {}
        with closing(self.runner.run(jobs)) as results:
            for job, result in results:
                if result.failure:
                    yield job, result
                else:
                    first[job.name] = result
        again = [job for job in jobs if job.name in first]
        with closing(self.runner.run(again)) as results:
            for job, second in results:
                result = first[job.name]
                seen = (*result.observations, *differences(job, result, second))
                yield job, replace(result, observations=seen)


def with_advice(failure: Failure, config: Config, framework: Framework) -> Failure:
    """Return a failure that names the file to edit if a package is missing."""
    match = MISSING_MODULE.match(failure.message)
    if match is None:
        return failure
    file = framework.environment.with_suffix(".in")
    pin = command_line(f"pin --framework {framework.name}")
    advice = (
        f"{failure.message}; if it is a package, add it to {_relative(config, file)} "
        f"and run {pin}; if it is a file of the book, add it to [build] resources in "
        "config.ini"
    )
    return replace(failure, message=advice)


def _relative(config: Config, file: object) -> str:
    return str(file).removeprefix(f"{config.root}/")


def _code_cells(job: Job, notebook: NotebookNode) -> list[tuple[int, NotebookNode]]:
    """Return the code cells with their source lines."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return list(zip(job.lines, cells, strict=True))
