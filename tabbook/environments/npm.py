"""Packages from npm, one file each: scripts that pages bring along themselves."""

from __future__ import annotations

import shutil
import subprocess
import tarfile

from tabbook.base.errors import BookError
from tabbook.base.paths import REPOSITORY

FOLDER = REPOSITORY / ".venvs" / "npm"
"""Where packages are kept, as npm packs them."""


def files(name: str, version: str, wanted: tuple[str, ...]) -> dict[str, bytes]:
    """Return files of a package, which npm brings where it was not brought before.

    :param wanted: paths inside the package.
    :raises BookError: npm is missing or failed, such as without a network.
    """
    packed = FOLDER / f"{name}-{version}.tgz"
    if not packed.exists():
        _bring(name, version)
    try:
        with tarfile.open(packed) as package:
            return {path: _content(package, path) for path in wanted}
    except (OSError, KeyError, tarfile.TarError) as error:
        packed.unlink(missing_ok=True)
        raise BookError(
            f"{packed}: is not what npm packs ({error}); it was deleted, run the "
            "command again"
        ) from error


def _content(package: tarfile.TarFile, path: str) -> bytes:
    found = package.extractfile(f"package/{path}")
    if found is None:
        raise KeyError(path)
    return found.read()


def _bring(name: str, version: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise BookError(
            f"{name} {version} comes from npm, which is missing; as root: "
            "apt-get install npm"
        )
    scratch = FOLDER / "new"
    scratch.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [npm, "pack", "--silent", f"{name}@{version}"],
        cwd=scratch,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BookError(
            f"npm could not bring {name} {version}: {done.stderr.strip()}\n"
            "Is the network there? Run the command again."
        )
    made = f"{name}-{version}.tgz"
    (scratch / made).replace(FOLDER / made)
