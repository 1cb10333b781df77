"""Read EPUBs back."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

from bs4 import BeautifulSoup

EPUBCHECK = Path("/usr/share/java/epubcheck.jar")

JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Java without the compiler that pays off in programs that run longer."""


def epubcheck(files: Sequence[Path]) -> str:
    """Return what epubcheck complains of in EPUBs, its warnings too."""
    assert EPUBCHECK.exists(), "needs Debian's epubcheck"
    # epubcheck takes one file and uses one core for most of its time.
    checks = [
        subprocess.Popen(
            [*JAVA, "-jar", str(EPUBCHECK), "--failonwarnings", str(file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for file in files
    ]
    reports = [(check.communicate()[0], check.returncode) for check in checks]
    return "\n".join(report for report, status in reports if status)


def pages(file: Path) -> dict[str, BeautifulSoup]:
    """Return the pages of an EPUB by their names in the archive."""
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {
            name: BeautifulSoup(archive.read(name).decode(), "html.parser")
            for name in archive.namelist()
            if name.endswith(".xhtml")
        }
