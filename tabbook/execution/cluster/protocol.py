"""What one who asks and a worker send each other: bytes, and names of what is needed.

No path of a machine travels, and nothing that only one version of the engine reads: a
notebook goes only where the same engine runs.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat

from tabbook.base.fingerprint import RUNNING, engine_digest
from tabbook.execution.runner import Failure, Job, Result

GPU = "GPU"
"""What Dask's own documentation calls the resource."""


@dataclass(frozen=True)
class Answer:
    """What a worker gives back."""

    result: Result
    key: str
    """Under which the worker would store it."""
    worker: str
    """Its address."""


def offer(name: str, environment: str) -> str:
    """Return the name of the resource that a worker with an environment has.

    :param name: of the framework.
    :param environment: what ``store.environment`` says of it.
    """
    return f"{name}-{environment[:12]}-{engine_digest(*RUNNING)[:12]}"


def framework(offered: str) -> str:
    """Return the framework of what ``offer`` made."""
    return offered.split("-", maxsplit=1)[0]


def compare(wanted: str, offered: str) -> str:
    """Say of what another framework, pins or engine something offered is."""
    name = framework(wanted)
    if framework(offered) != name:
        return framework(offered)
    if offered.split("-")[1:2] != wanted.split("-")[1:2]:
        return f"{name} with other pins, variables or Python"
    return f"{name} under another version of the engine"


def pack_job(job: Job) -> bytes:
    """Return what a worker has to know of a job."""
    names = (
        *("section", "framework", "notebook", "lines"),
        *("resources", "timeout", "fresh_kernels"),
    )
    return json.dumps({name: getattr(job, name) for name in names}).encode()


def unpack_job(data: bytes, root: Path) -> Job:
    """Return a job whose book lies in a folder of this machine.

    :returns: the environment it runs in is not chosen yet.
    """
    found = json.loads(data)
    return Job(
        section=found["section"],
        framework=found["framework"],
        notebook=nbformat.from_dict(found["notebook"]),
        lines=tuple(found["lines"]),
        jupyter="",
        root=str(root),
        resources=tuple(found["resources"]),
        timeout=found["timeout"],
        fresh_kernels=found["fresh_kernels"],
    )


def pack_answer(answer: Answer) -> bytes:
    """Return the bytes of what a worker gives back."""
    return json.dumps(asdict(answer)).encode()


def unpack_answer(data: bytes) -> Answer:
    """Return what a worker gave back."""
    found = json.loads(data)
    result = found["result"]
    result["notebook"] = nbformat.from_dict(result["notebook"])
    result["failure"] = result["failure"] and Failure(**result["failure"])
    return Answer(Result(**result), found["key"], found["worker"])


def pack_files(root: Path, resources: Sequence[str]) -> bytes:
    """Return the files that cells may read; the same bytes for the same files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", dereference=True) as archive:
        for name in resources:
            for found in sorted(root.glob(name)):
                archive.add(found, str(found.relative_to(root)), filter=_plain)
    return stream.getvalue()


def unpack_files(data: bytes, root: Path) -> None:
    """Lay the files out in a folder."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(root, filter="data")


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Take away what differs from machine to machine."""
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
