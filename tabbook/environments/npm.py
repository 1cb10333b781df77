"""Packages from npm, one archive each: scripts that pages include."""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import tarfile
from pathlib import Path
from typing import NamedTuple

from tabbook.base.engine import engine_folder
from tabbook.base.errors import BookError
from tabbook.environments import debian


def folder() -> Path:
    """Return the folder of the downloaded packages, as npm packs them."""
    return engine_folder() / "npm"


class Package(NamedTuple):
    """A release of a package."""

    name: str
    version: str
    integrity: str
    """SHA-512 of its archive, as ``npm view NAME@VERSION dist.integrity`` prints it."""

    @property
    def archive(self) -> Path:
        """Return the downloaded file; npm's names are flat for ``@scope/name``, too."""
        flat = self.name.removeprefix("@").replace("/", "-")
        return folder() / f"{flat}-{self.version}.tgz"


def files(package: Package, paths: tuple[str, ...]) -> dict[str, bytes]:
    """Return the content of files of a package, which is downloaded once.

    :param paths: paths inside the package.
    :raises BookError: npm is missing or failed, for example without a network, or the
        archive is another.
    """
    if not package.archive.exists():
        _download(package)
    content = package.archive.read_bytes()
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    if f"sha512-{digest}" != package.integrity:
        package.archive.unlink(missing_ok=True)
        raise BookError(
            f"{package.archive}: is not what npm packs (its SHA-512 is {digest!r}); it "
            "was deleted, run the command again"
        )
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {path: _content(archive, path) for path in paths}


def _content(package: tarfile.TarFile, path: str) -> bytes:
    file = package.extractfile(f"package/{path}")
    if file is None:
        raise KeyError(path)
    return file.read()


def _download(package: Package) -> None:
    release = f"{package.name}@{package.version}"
    if missing := debian.missing("npm"):
        raise BookError(
            f"{release} comes from npm, which is missing; as root: "
            f"{debian.install_command(missing)}"
        )
    scratch = folder() / "new"
    scratch.mkdir(parents=True, exist_ok=True)
    process = subprocess.run(
        ["npm", "pack", "--silent", release],
        cwd=scratch,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        raise BookError(
            f"npm could not download {release}: {process.stderr.strip()}\n"
            "Is the network there? Run the command again."
        )
    (scratch / package.archive.name).replace(package.archive)
