"""Fix the date that programs write into files, so that equal input gives equal bytes.

The date is that of ``SOURCE_DATE_EPOCH`` (reproducible-builds.org), or of the last
commit that changed the book, or else the first day that a ZIP archive can hold.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tabbook.base.errors import BookError

EPOCH = "SOURCE_DATE_EPOCH"
FIRST_DAY = "315532800"
"""1980-01-01 in seconds since 1970."""


@contextlib.contextmanager
def fixed_date(book: Path | None = None) -> Iterator[None]:
    """Set the date for this process and its children.

    :param book: the folder whose last commit has the date.
    """
    before = os.environ.get(EPOCH)
    os.environ[EPOCH] = before or (book and _last_commit(book)) or FIRST_DAY
    try:
        yield
    finally:
        if before is None:
            del os.environ[EPOCH]


def _last_commit(folder: Path) -> str:
    """Return the second of the last commit in a folder; empty if there is none."""
    command = ["git", "-C", str(folder), "log", "-1", "--format=%ct", "--", "."]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def known_date() -> time.struct_time | None:
    """Return the fixed date in UTC; None if there is none."""
    moment = os.environ.get(EPOCH) or FIRST_DAY
    return None if moment == FIRST_DAY else time.gmtime(int(moment))


def zip_date() -> tuple[int, int, int, int, int, int]:
    """Return the fixed date for an entry of a ZIP archive."""
    moment = time.gmtime(int(os.environ.get(EPOCH) or FIRST_DAY))
    return moment[:6]


def run(command: list[str], folder: Path, *, timeout: int) -> None:
    """Run a program that writes files, with the fixed date.

    :param timeout: in seconds.
    :raises BookError: the program failed or took too long.
    """
    with fixed_date():
        # TeX ignores the date for its own primitives unless it is forced.
        environment = {**os.environ, "FORCE_SOURCE_DATE": "1", "TZ": "UTC"}
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, errors="replace", timeout=timeout,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise BookError(
                f"`{' '.join(command)}` was stopped after {timeout} s"
            ) from error
    if done.returncode:
        output = (done.stderr or done.stdout).strip()
        raise BookError(f"`{' '.join(command)}` failed: {output[-2000:]}")
