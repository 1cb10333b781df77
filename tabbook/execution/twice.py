"""Run notebooks twice, to see which cells give other outputs in the second run."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from tabbook.execution import observe
from tabbook.execution.job import Job, NotebookRunner, Result


@dataclass(frozen=True)
class TwiceRunner:
    """Executes each notebook twice by another runner."""

    runner: NotebookRunner
    """The runner that executes."""

    def run(self, jobs: Sequence[Job]) -> Generator[tuple[Job, Result], None, None]:
        """Yield the first result of each notebook, with what differs in the second.

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
                differences = observe.differences(job, result, second)
                seen = (*result.observations, *differences)
                yield job, replace(result, observations=seen)
