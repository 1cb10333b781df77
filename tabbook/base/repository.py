"""The book's repository on GitHub, for links that open its notebooks on Colab."""

from __future__ import annotations

import re
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from tabbook.base.config import Config

REMOTE = re.compile(
    r"(?:https://|ssh://)?(?:[^@/]+@)?github\.com[:/](?P<name>[^/]+/[^/]+?)(?:\.git)?/?$"
)
COLAB = "https://colab.research.google.com/github/{name}/blob/{branch}/{folder}notebooks/{path}"


BRANCH = "main"
"""The branch of links to a repository of which config.ini names none."""


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub and the branch that readers see."""

    name: str
    """``owner/name``."""
    branch: str
    folder: str = ""
    """The book's folder in the repository, with a slash at its end."""

    @property
    def site(self) -> str:
        """Return the address at which GitHub Pages serves the repository."""
        owner, name = self.name.split("/")
        host = f"{owner.lower()}.github.io"
        return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"

    def colab(self, path: str) -> str:
        """Return the address at which Colab opens a notebook of the repository."""
        return COLAB.format(**asdict(self), path=path)


def site(config: Config) -> str:
    """Return the address of the published pages; empty if config.ini has none.

    git's remote is not asked: notebooks are the same in every clone. A translation is
    in the folder of its language.
    """
    if config.origin and not config.site:
        above = site(config.origin)
        return above and f"{above}{config.language}/"
    named = Repository(config.repository, "").site if config.repository else ""
    return config.site or named


def named(config: Config) -> Repository | None:
    """Return the repository that config.ini names, on the branch that readers see."""
    if not config.repository:
        return None
    folder = ""
    if config.origin and config.root.is_relative_to(config.origin.root):
        folder = f"{config.root.relative_to(config.origin.root).as_posix()}/"
    return Repository(config.repository, config.branch or BRANCH, folder)


def find(config: Config) -> Repository | None:
    """Return the repository from config.ini or from git's remote; None without GitHub.

    The branch is the remote's default branch, or else the one that is checked out.
    """
    root = config.root
    name = config.repository
    if not name:
        match = REMOTE.match(git(root, "remote", "get-url", "origin"))
        name = match["name"] if match else ""
    if not name:
        return None
    branch = config.branch or (
        git(root, "rev-parse", "--abbrev-ref", "origin/HEAD").removeprefix("origin/")
        or git(root, "branch", "--show-current")
    )
    folder = git(root, "rev-parse", "--show-prefix")
    return Repository(name, branch, folder) if branch else None


def git(root: Path, *arguments: str) -> str:
    """Return git's output; empty if git failed or is missing."""
    command = ["git", "-C", str(root), *arguments]
    try:
        process = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError:
        return ""
    return process.stdout.strip() if process.returncode == 0 else ""
