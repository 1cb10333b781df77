"""Addresses of schedulers."""

from __future__ import annotations

import pytest

from tabbook.base.errors import UsageError
from tabbook.execution.cluster.scheduler import address


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("host:8786", "tcp://host:8786"),
        ("tls://host:1", "tls://host:1"),
        ("[::1]:1", "tcp://[::1]:1"),
    ],
)
def test_address_gets_its_scheme(text: str, full: str) -> None:
    assert address(text) == full


@pytest.mark.parametrize("text", ["", "HOST", "http://a:1", "tcp://a", "tcp://a:1/x"])
def test_invalid_address_is_named(text: str) -> None:
    with pytest.raises(UsageError, match="is no address; write one such as tcp://"):
        address(text)
