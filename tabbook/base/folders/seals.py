"""Tell files that this user made on this machine from those that came with a folder.

Sphinx keeps pickles in the folder of build products, and whoever writes a pickle runs
code where it is read: one that a stranger committed must not be. A seal is a digest of
the files' states with a secret that is kept outside of every book.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from tabbook.base.engine import user_cache
from tabbook.base.errors import BookError
from tabbook.base.files import states_below, write_text

SECRET = "secret"


def is_own(folder: Path) -> bool:
    """Return whether a folder is as it was sealed, or does not exist."""
    if not os.path.lexists(folder):
        return True
    expected = _seal(folder)
    try:
        seal = _file(folder).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    return bool(expected) and hmac.compare_digest(expected.encode(), seal.encode())


def seal(folder: Path) -> None:
    """Record that a folder was made here, as it is now."""
    with contextlib.suppress(BookError):  # without it, the folder is made again
        write_text(_file(folder), _seal(folder))


def _file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.seal")


def _seal(folder: Path) -> str:
    """Return the seal of a folder; empty if this user has no secret."""
    secret = _secret()
    states = sorted(states_below(str(folder), (), ()))
    content = json.dumps([str(folder.resolve()), states]).encode()
    return hmac.new(secret, content, hashlib.sha256).hexdigest() if secret else ""


def _secret() -> bytes:
    """Return this user's secret, made when it is first asked for; or nothing."""
    file = user_cache() / "tabbook" / SECRET
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        # Linked into place complete: another process may read it meanwhile.
        new = file.with_name(f".{SECRET}.{os.getpid()}")
        if not file.exists():
            new.touch(0o600)
            new.write_bytes(secrets.token_bytes(32))
            with contextlib.suppress(FileExistsError):
                file.hardlink_to(new)
            new.unlink()
        return file.read_bytes()
    return b""
