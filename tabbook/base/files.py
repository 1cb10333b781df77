"""Read and write files, compare their states, compute digests."""

from __future__ import annotations

import codecs
import contextlib
import errno
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from tabbook.base.errors import BookError

UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""The byte order marks that PowerShell and some of Windows' editors write."""

FileState = list[int]
"""Size in bytes and time of modification in nanoseconds, as JSON returns them."""

FileStates = dict[str, FileState | None]
"""The state of files by path; None for a file that does not exist."""

CACHE_TAG = "CACHEDIR.TAG"
"""The file that marks a folder as a cache; nothing below it is a source."""

SKIPPED_PREFIXES = (".", "__pycache__")
"""Files and folders that hold no source begin so; d2lbook skips hidden ones, too."""


class NotUtf8Error(BookError):
    """A file of the user that is not text in UTF-8."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        """Store the line, 0 for the file as a whole, and the reason with advice."""
        super().__init__(f"{file}:{line}: {reason}" if line else f"{file}: {reason}")
        self.line = line
        self.reason = reason


def read_bytes(file: Path) -> bytes:
    """Return the content of a file of a book, which a stranger may have made.

    :raises OSError: it cannot be read, or is a pipe or a device, which may never end.
    """
    # Without the flag, a pipe would wait for a writer.
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
            raise OSError(errno.EINVAL, f"is {kind}, not a file", str(file))
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        os.close(descriptor)


def read_text(file: Path) -> str:
    """Return the text of a user's file: UTF-8, with or without a byte order mark.

    :raises OSError: the file cannot be read.
    :raises NotUtf8Error: the file is not in UTF-8.
    """
    content = read_bytes(file)
    # Every second byte of ASCII in UTF-16 is 0.
    if content.startswith(UTF_16_MARKS) or content.count(0) * 4 > len(content):
        raise NotUtf8Error(file, 0, "is in UTF-16 or no text; save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")  # Windows' editors write the mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = f"has the byte {content[error.start]:#04x}, which is not UTF-8 text"
        raise NotUtf8Error(file, line, f"{reason}; save it as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def write_text(file: Path, text: str, *, scratch: Path | None = None) -> bool:
    """Write a text file atomically; see :func:`write_bytes`."""
    return write_bytes(file, text.encode("utf-8"), scratch=scratch)


def write_bytes(file: Path, content: bytes, *, scratch: Path | None = None) -> bool:
    """Write a file atomically: readers see the old content or the new.

    :param scratch: a folder for the temporary file; without it, the temporary file is
        a hidden one beside ``file``.
    :returns: whether the file changed; equal content is not written again.
    :raises BookError: the disk is full or not writable; the old file is untouched.
    """
    with contextlib.suppress(OSError):
        if read_bytes(file) == content:
            return False
    with disk_errors(file):
        folder = scratch or file.parent
        for needed in (file.parent, folder):
            needed.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{file.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(0o644)
            replace(temporary, file)
        finally:
            temporary.unlink(missing_ok=True)
    return True


def publish(finished: Path, target: Path) -> Path:
    """Move a finished file into place atomically.

    :returns: ``target``; equal content is not moved, so its time stays.
    """
    if not target.is_file() or target.read_bytes() != finished.read_bytes():
        target.parent.mkdir(parents=True, exist_ok=True)
        replace(finished, target)
    return target


def replace(finished: Path, target: Path) -> None:
    """Move a file into place atomically, from another file system, too.

    :raises OSError: the file cannot be written.
    """
    try:
        finished.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _replace_from_other_device(finished, target)


def _replace_from_other_device(finished: Path, target: Path) -> None:
    copy = target.with_name(f".{target.name}.new")
    try:
        shutil.copy2(finished, copy)
        with copy.open("rb") as stream:
            os.fsync(stream.fileno())
        copy.replace(target)
    finally:
        copy.unlink(missing_ok=True)
    finished.unlink()


SPACE = "free some disk space"
PERMISSIONS = "correct the permissions"

ADVICE = {
    errno.ENOSPC: SPACE,
    errno.EDQUOT: SPACE,
    errno.EACCES: PERMISSIONS,
    errno.EPERM: PERMISSIONS,
    errno.EROFS: PERMISSIONS,
    errno.EFBIG: "raise the limit of the size of files (ulimit -f)",
}
"""Remedies for errors of the file system, by their number."""


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` into a message that names the file and what to do.

    :raises BookError: the block raised ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise disk_error(path, error) from error


def disk_error(path: Path, error: OSError) -> BookError:
    """Return the message for a file that the system did not let us write."""
    reason = error.strerror or error
    if error.errno == errno.ELOOP:
        return BookError(f"{error.filename or path}: cannot be read: {reason}")
    if advice := ADVICE.get(error.errno or 0):
        return BookError(
            f"{path}: cannot be written: {reason}; {advice} and run the command again"
        )
    return BookError(f"{error.filename or path}: cannot be written: {reason}")


def state(path: Path | str) -> FileState | None:
    """Return the state of a file; None where there is no such file."""
    try:
        status = os.stat(path)  # noqa: PTH116 - called for thousands of files
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def states_below(
    folder: str,
    skipped: Collection[Path],
    prefixes: tuple[str, ...] = SKIPPED_PREFIXES,
) -> Iterator[tuple[str, FileState | None]]:
    """Yield the path and the state of every file below a folder.

    :param skipped: folders to leave out.
    :param prefixes: beginnings of the names of files and folders to leave out.
    """
    try:
        with os.scandir(folder) as entries:
            listing = [
                entry for entry in entries if not entry.name.startswith(prefixes)
            ]
    except OSError:
        return
    if any(entry.name == CACHE_TAG for entry in listing):
        return
    for entry in listing:
        if not entry.is_dir():
            yield entry.path, state(entry.path)
        elif Path(entry.path) not in skipped and not _is_loop(entry):
            yield from states_below(entry.path, skipped, prefixes)


def _is_loop(folder: os.DirEntry[str]) -> bool:
    """Return whether a folder is a link to a folder that contains it."""
    parent = Path(folder.path).parent.resolve()
    return folder.is_symlink() and parent.is_relative_to(Path(folder.path).resolve())


def json_line(text: str) -> str:
    """Return ``:LINE`` of the first mistake in a text as JSON; empty if it is JSON."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f":{error.lineno}"
    except RecursionError:
        pass  # nested too deeply, on one line as well as on many
    return ""


def json_digest(*values: object) -> str:
    """Return the SHA-256 digest of values that JSON can hold, as 64 hex digits."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()
