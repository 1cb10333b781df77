"""The list of Debian's packages has one home."""

from __future__ import annotations

import pytest

from tabbook.base.engine import REPOSITORY
from tabbook.environments import debian

SCRIPTS = ("build.sh", ".github/workflows/pages.yml")


def test_requirements_are_missing_without_programs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    missing = debian.missing("pdf")
    assert missing == debian.requirements("pdf")
    command = debian.install_command(missing)
    assert command.startswith("apt-get install --no-install-recommends latexmk ")
    assert command.endswith(" fonts-noto-cjk")


def test_every_requirement_can_be_checked() -> None:
    kinds = {"program", *debian.QUERIES}
    for purpose in ("pdf", "npm", "browser", "test"):
        items = debian.requirements(purpose)
        assert items
        assert {item.kind for item in items} <= kinds


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_read_the_list_and_name_no_package(script: str) -> None:
    text = (REPOSITORY / script).read_text("utf-8")
    assert "tabbook/environments/debian.txt" in text
    for item in debian.requirements("pdf") + debian.requirements("test"):
        assert item.package not in text
