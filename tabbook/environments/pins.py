"""Pinned requirements: read them, and resolve them anew."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from tabbook.base.config import Framework
from tabbook.base.errors import BookError
from tabbook.base.files import json_digest, read_text, write_text
from tabbook.base.folders.scratch import scratch_folder
from tabbook.base.program import command_line
from tabbook.environments import uv

COLAB_SUFFIX = "-colab"
"""End of the name of an environment with Colab's versions."""

BUILDS = ("torch", "torchaudio", "torchvision")
"""Distributions with a build per kind of processor, which a local version names."""

HASH = re.compile(r"--hash=\S+|\\$", re.M)
"""A digest of a file of a release, and the mark that the line goes on."""

HASHES = r"(?: \\\n +--hash=\S+)+"
HASHES_OF_BUILDS = re.compile(rf"^(?P<pin>(?:{'|'.join(BUILDS)})==\S+){HASHES}", re.M)
"""Builds are other files on PyTorch's index, on the package index and in folders."""

LOCAL_VERSION = re.compile(r"\+\w+(?=$| \\$)", re.M)
"""torch's ``+cpu`` names a wheel for one kind of machine, not a release."""


def read_pins(framework: Framework) -> list[str]:
    """Return a framework's pinned requirements.

    :raises BookError: the file cannot be read.
    """
    try:
        return read_requirements(framework.environment)
    except OSError as error:
        raise BookError(
            f"{framework.environment}: the pinned requirements of {framework.label} "
            f"cannot be read ({error.strerror}); write their names to "
            f"{framework.environment.with_suffix('.in').name} and run "
            f"{command_line(f'pin --framework {framework.name}')}"
        ) from error


def read_requirements(file: Path) -> list[str]:
    """Return the lines of a requirements file without comments, blank lines, hashes.

    Hashes say which files a release may come from, not what it is: keys of results and
    digests of environments do without them.

    :raises OSError: the file cannot be read.
    :raises BookError: the file is not in UTF-8.
    """
    return list(_without_hashes(read_text(file)))


@functools.lru_cache
def _without_hashes(text: str) -> tuple[str, ...]:
    """Return the requirements in a text; there are thousands of hashes in some."""
    lines = (HASH.sub("", line.split("#")[0]).strip() for line in text.splitlines())
    return tuple(filter(None, lines))


def is_hashed(file: Path) -> bool:
    """Return whether every requirement says which files may be installed.

    Those of PyTorch's builds cannot. uv checks the hashes that are given anyway.
    """
    lines = read_text(file).replace("\\\n", "").splitlines()
    requirements = [line for line in lines if line.split("#")[0].strip()]
    return bool(requirements) and all("--hash=" in line for line in requirements)


def requirements_digest(requirements: list[str], python: str) -> str:
    """Return the digest by which an environment is recognised as up to date.

    :param python: its version of Python, such as ``3.11``.
    """
    return json_digest(sorted(requirements), python)


@dataclass(frozen=True)
class Upgrade:
    """The releases that may change although their requirement still allows them."""

    everything: bool = False
    packages: tuple[str, ...] = ()

    def kept(self, pins: list[str]) -> list[str]:
        """Return the pins that may stay."""
        names = {normalized(name) for name in self.packages}
        stay = [pin for pin in pins if normalized(pin.partition("==")[0]) not in names]
        return [] if self.everything else stay


KEEP = Upgrade()
"""Change only releases that the requirements no longer allow, and add new ones."""


def pin(requirements: Path, python: str, upgrade: Upgrade = KEEP) -> Path:
    """Resolve ``NAME.in`` to exact releases in ``NAME.txt``; return that file.

    Releases that ``NAME.txt`` has already stay, unless ``upgrade`` names them or
    ``NAME.in`` excludes them. ``NAME.toml``, if it exists, is uv's configuration for
    that environment. Every release but PyTorch's builds has the hashes of its files,
    those for other systems too.

    :param python: the version of Python to resolve for.
    :raises BookError: there is no such file, or uv found no solution.
    """
    if not requirements.is_file():
        raise BookError(
            f"{requirements}: there is no such file; write one requirement a line"
        )
    read_requirements(requirements)  # refuses UTF-16, which PowerShell writes
    pinned = requirements.with_suffix(".txt")
    configuration = requirements.with_suffix(".toml")
    command = ["pip", "compile", "--quiet", "--python-version", python]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--no-header"]
    command += ["--no-annotate", "--generate-hashes"]
    if configuration.exists():
        command += ["--config-file", str(configuration)]
    with scratch_folder() as scratch:
        output = scratch / pinned.name
        constraints = scratch / "constraints"
        kept = upgrade.kept(read_requirements(pinned)) if pinned.is_file() else []
        local = [pin for pin in kept if _has_builds(pin, requirements)]
        constraints.write_text("\n".join(local), encoding="utf-8")
        # uv keeps the releases that its output lists already.
        listed = [pin for pin in kept if pin.partition("==")[0] not in BUILDS]
        output.write_text("\n".join(listed), encoding="utf-8")
        command += ["--constraint", str(constraints), "--output-file", str(output)]
        uv.run(
            [*command, str(requirements)], failure=f"{requirements} cannot be resolved"
        )
        text = output.read_text(encoding="utf-8")
    text = HASHES_OF_BUILDS.sub(r"\g<pin>", text)
    write_text(pinned, LOCAL_VERSION.sub("", text))
    return pinned


def normalized(name: str) -> str:
    """Return the name of a distribution as uv writes it."""
    return re.sub(r"[-_.]+", "-", name).lower().strip()


def _has_builds(pin: str, requirements: Path) -> bool:
    """Return whether a pin has to be held by a constraint.

    A release of torch that uv only keeps would be the build with CUDA, since the pin
    does not name the build. A requirement with a version holds it anyway.
    """
    name = pin.partition("==")[0]
    return name in BUILDS and name in read_requirements(requirements)
