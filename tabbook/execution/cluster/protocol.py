"""Wire format between client and worker, and the names of Dask resources.

Jobs, files and results travel as bytes. They contain no path of a machine. Only the
same version of the engine reads them: the name of a resource contains the engine's
digest, so a job never reaches a worker with another one.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat

from tabbook.base.engine import RUNNING, engine_digest
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution.job import Failure, Job, Observation, Result

GPU = "GPU"
"""Name of the Dask resource for GPUs, as in Dask's documentation."""

FIELDS = (
    *("section", "framework", "notebook", "lines"),
    *("resources", "timeout", "start"),
)
"""Fields of a job that a worker receives; it computes the others itself."""


class ReplyError(Exception):
    """The reply of a worker is not of this version of the engine."""


@dataclass(frozen=True)
class Reply:
    """Reply of a worker."""

    result: Result
    """The result of the notebook."""
    key: str
    """The key under which the worker's book would store the result."""
    worker: str
    """Address of the worker."""


def resource(framework: str, environment: str) -> str:
    """Return the name of the Dask resource that stands for a framework's environment.

    :param framework: name of the framework.
    :param environment: digest of its pins and settings, from ``store.environment``.
    """
    return f"{framework}-{environment[:12]}-{engine_digest(*RUNNING)[:12]}"


def resource_of(job: Job) -> str:
    """Return the name of the Dask resource that a job needs."""
    return resource(job.framework, job.environment)


def framework_of(name: str) -> str:
    """Return the framework of a resource."""
    return name.split("-", maxsplit=1)[0]


def describe_mismatch(needed: str, offered: str) -> str:
    """Describe how an offered resource differs from the one that is needed."""
    framework = framework_of(needed)
    if framework_of(offered) != framework:
        return framework_of(offered)
    if offered.split("-")[1:2] != needed.split("-")[1:2]:
        return f"{framework} with other pins, variables or Python"
    return f"{framework} under another version of the engine"


def pack_job(job: Job) -> bytes:
    """Return a job as bytes."""
    return json.dumps({name: getattr(job, name) for name in FIELDS}).encode()


def unpack_job(data: bytes) -> Job:
    """Return the job in bytes; its key and environment are not set."""
    fields = json.loads(data)
    fields["notebook"] = nbformat.from_dict(fields["notebook"])
    fields["lines"] = tuple(fields["lines"])
    fields["resources"] = tuple(fields["resources"])
    fields["start"] = KernelStart(fields["start"])
    return Job(**fields)


def pack_reply(reply: Reply) -> bytes:
    """Return a reply as bytes."""
    return json.dumps(asdict(reply)).encode()


def unpack_reply(data: bytes) -> Reply:
    """Return the reply in bytes.

    :raises ReplyError: they are no reply.
    """
    try:
        fields = json.loads(data)
        return Reply(_result(fields["result"]), str(fields["key"]), fields["worker"])
    except Exception as error:  # nbformat raises whatever the broken reply causes
        raise ReplyError(f"a worker's reply cannot be read: {error!r:.200}") from error


def _result(fields: dict[str, Any]) -> Result:
    notebook = nbformat.from_dict(fields["notebook"])
    nbformat.validate(notebook)
    return Result(
        notebook,
        float(fields["seconds"]),
        fields["failure"] and Failure(**fields["failure"]),
        {str(name): str(version) for name, version in fields["versions"].items()},
        tuple(Observation(**observation) for observation in fields["observations"]),
    )


def pack_files(root: Path, resources: Sequence[str]) -> bytes:
    """Return the files that cells may read; equal files give equal bytes.

    :param resources: patterns, relative to the book's folder ``root``.
    """
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", dereference=True) as archive:
        for pattern in resources:
            for file in sorted(root.glob(pattern)):
                name = str(file.relative_to(root))
                archive.add(file, name, filter=_without_machine)
    return stream.getvalue()


def unpack_files(data: bytes, root: Path) -> None:
    """Write the files into a folder."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(root, filter="data")


def _without_machine(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Remove values that differ from machine to machine."""
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
