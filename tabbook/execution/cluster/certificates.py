"""Make the certificates of a cluster, by trustme in an environment of its own.

Each role gets a folder with what ``--certificates`` takes. The authority's private key
is never written, so nobody can add a certificate later: new ones replace all.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from tabbook import environments
from tabbook.base.errors import BookError, UsageError
from tabbook.base.files import disk_errors
from tabbook.execution.cluster.security import ROLES

DAYS = 365
"""Days for which certificates hold, if the user does not say otherwise."""

MAKE = """
import datetime, pathlib, sys, trustme

folder, days, *roles = sys.argv[1:]
end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=int(days))
authority = trustme.CA()
for role in roles:
    target = pathlib.Path(folder, role)
    target.mkdir(mode=0o700)
    made = authority.issue_cert(role, common_name=role, not_after=end)
    parts = made.cert_chain_pems
    files = {"ca": [authority.cert_pem], "cert": parts, "key": [made.private_key_pem]}
    for name, blobs in files.items():
        file = target / f"{name}.pem"
        file.touch(mode=0o600)
        file.write_bytes(b"".join(blob.bytes() for blob in blobs))
"""
"""Program for trustme's environment: a folder, the days, and the roles."""


def make(folder: Path, *, days: int = DAYS) -> list[Path]:
    """Make an authority and a certificate for each role.

    :returns: a folder per role, with the files that ``security.secured`` expects.
    :raises UsageError: a folder of a role exists, or the certificates would end before
        they begin.
    :raises BookError: trustme cannot be installed, or a file cannot be written.
    """
    if days < 1:
        raise UsageError(f"--days is {days}; certificates hold for a day at least")
    targets = [folder / role for role in ROLES]
    for target in targets:
        if target.exists() or target.is_symlink():
            raise UsageError(
                f"{target}: exists already; name another folder, or delete this one "
                "if no cluster uses its certificates"
            )
    python = environments.prepare_tool("certificates").python
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".tabbook-", dir=folder) as scratch:
            command = [str(python), "-c", MAKE, scratch, str(days), *ROLES]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise BookError(f"{folder}: no certificates: {done.stderr.strip()}")
            for target in targets:
                (Path(scratch) / target.name).rename(target)
    return targets
