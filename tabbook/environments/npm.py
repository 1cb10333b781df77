"""Packages from npm, one archive each: scripts that pages include."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

from tabbook.base.errors import BookError
from tabbook.base.paths import engine_folder
from tabbook.environments import debian


def folder() -> Path:
    """Return the folder of the downloaded packages, as npm packs them."""
    return engine_folder() / "npm"


def files(name: str, version: str, paths: tuple[str, ...]) -> dict[str, bytes]:
    """Return the content of files of a package, which is downloaded once.

    :param paths: paths inside the package.
    :raises BookError: npm is missing or failed, for example without a network.
    """
    archive = folder() / _archive_name(name, version)
    if not archive.exists():
        _download(name, version)
    try:
        with tarfile.open(archive) as package:
            return {path: _content(package, path) for path in paths}
    except (OSError, KeyError, tarfile.TarError) as error:
        archive.unlink(missing_ok=True)
        raise BookError(
            f"{archive}: is not what npm packs ({error}); it was deleted, run the "
            "command again"
        ) from error


def _archive_name(name: str, version: str) -> str:
    """Return npm's name of the archive, which is flat for ``@scope/name``, too."""
    return f"{name.removeprefix('@').replace('/', '-')}-{version}.tgz"


def _content(package: tarfile.TarFile, path: str) -> bytes:
    file = package.extractfile(f"package/{path}")
    if file is None:
        raise KeyError(path)
    return file.read()


def _download(name: str, version: str) -> None:
    if missing := debian.missing("npm"):
        raise BookError(
            f"{name} {version} comes from npm, which is missing; as root: "
            f"{debian.install_command(missing)}"
        )
    scratch = folder() / "new"
    scratch.mkdir(parents=True, exist_ok=True)
    process = subprocess.run(
        ["npm", "pack", "--silent", f"{name}@{version}"],
        cwd=scratch,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        raise BookError(
            f"npm could not download {name} {version}: {process.stderr.strip()}\n"
            "Is the network there? Run the command again."
        )
    archive = _archive_name(name, version)
    (scratch / archive).replace(folder() / archive)
