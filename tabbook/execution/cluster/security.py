"""Who may reach a cluster: this machine alone, or those with its certificates.

Whoever can connect to a scheduler or a worker of Dask can run code there: Dask has no
authentication but TLS, in which both sides show a certificate of the same authority.
"""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path
from urllib.parse import urlsplit

from tabbook.base.errors import UsageError
from tabbook.execution.cluster.scheduler import address

CERTIFICATES = {"ca-file": "ca.pem", "cert": "cert.pem", "key": "key.pem"}
"""Dask's settings, and the file of each in the folder of certificates."""

ROLES = ("scheduler", "worker", "client")


def secured(text: str, *, insecure: bool, certificates: str | None) -> str:
    """Return an address with its scheme, and give Dask the certificates for it.

    :param insecure: whether others may reach it without certificates.
    :param certificates: folder with the files of ``CERTIFICATES``.
    :raises UsageError: the text is no address, others could reach it without
        certificates, or certificates are missing.
    """
    where = address(text)
    if where.startswith("tls:"):
        _use(certificates)
    elif certificates:
        raise UsageError(f"{where}: --certificates needs tls:// in the address")
    elif not (insecure or _is_loopback(where)):
        raise UsageError(
            f"{where}: whoever reaches this address could run code here; write "
            f"tls{where.removeprefix('tcp')} and --certificates DIR (README, 'Many "
            "machines'), or --insecure in a network that you trust"
        )
    return where


def own_host(where: str) -> str:
    """Return the address of this machine that a scheduler at an address can reach.

    A worker listens there alone; it would listen on all networks by itself.

    :raises OSError: the host is unknown, or no network leads to it.
    """
    parts = urlsplit(where)
    addresses = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_DGRAM)
    family, kind, _, _, target = addresses[0]
    with socket.socket(family, kind) as probe:
        probe.connect(target)  # sends nothing
        return str(probe.getsockname()[0])


def _is_loopback(where: str) -> bool:
    host = urlsplit(where).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _use(certificates: str | None) -> None:
    """Give Dask the certificates of a folder; Dask's own settings hold without it."""
    import dask

    if certificates is None:
        if dask.config.get("distributed.comm.tls.ca-file", None):
            return
        raise UsageError(
            "tls:// needs --certificates DIR with ca.pem, cert.pem and key.pem "
            "(README, 'Many machines')"
        )
    files = {name: Path(certificates, file) for name, file in CERTIFICATES.items()}
    for file in files.values():
        if not file.is_file():
            raise UsageError(f"{file}: there is no such file (README, 'Many machines')")
    tls = "distributed.comm.tls"
    dask.config.set({f"{tls}.ca-file": str(files.pop("ca-file").resolve())})
    dask.config.set(
        {
            f"{tls}.{role}.{name}": str(file.resolve())
            for role in ROLES
            for name, file in files.items()
        }
    )
