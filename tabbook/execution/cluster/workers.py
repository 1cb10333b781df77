"""Resources of a cluster's workers, and the share that a notebook takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tabbook.execution.cluster import protocol
from tabbook.execution.job import Job

Needs = tuple[str, ...]
"""Names of the Dask resources of which a notebook takes one unit each."""


@dataclass(frozen=True)
class Workers:
    """The workers that are connected to a scheduler."""

    resources: Mapping[str, Mapping[str, float]]
    """Address of a worker: its Dask resources and how many units it has of each."""

    def capacity(self, needs: Needs) -> int:
        """Return how many notebooks with such needs can run at once."""
        return sum(
            min(int(units.get(name, 0)) for name in needs)
            for units in self.resources.values()
        )

    def needs(self, job: Job) -> Needs:
        """Return the resources that a notebook takes.

        A GPU is preferred, not required: the notebook takes one only if some worker has
        both a GPU and the framework.
        """
        framework = protocol.resource_of(job)
        with_gpu = (framework, protocol.GPU)
        return with_gpu if job.gpu and self.capacity(with_gpu) else (framework,)

    def describe(self, missing: str) -> Iterator[str]:
        """Yield a line per worker on what it has instead of a missing resource."""
        for address, units in self.resources.items():
            offers = [
                protocol.describe_mismatch(missing, name)
                for name in units
                if name != protocol.GPU
            ]
            yield f"{address} has {', '.join(offers) or 'no framework'}"
        if not self.resources:
            yield "no worker is connected"
