"""The command that starts a new book; it asks for missing options."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tabbook.base.errors import UsageError
from tabbook.base.program import command_line, in_folder
from tabbook.cli.commands.command import command, option

if TYPE_CHECKING:
    from tabbook.scaffold import OfferedFramework


@command(
    "init",
    "start a new book in a folder: a section that runs, pins, workflows",
    option("folder", metavar="DIR", help="folder of the book; made if it is missing"),
    option("--title", help="title of the book"),
    option("--author", help="the authors' names; git's user.name by default"),
    option("--language", help="language of the text: en or ja; en by default"),
    option(
        "--framework",
        "-f",
        dest="frameworks",
        action="append",
        metavar="NAME",
        help="python, pytorch, tensorflow, jax or mxnet; may be given several times, "
        "the first is what readers see first; python by default",
    ),
    option(
        "--engine",
        metavar="ADDRESS",
        help="where pip finds tabbook for the workflows, such as git+https://...",
    ),
    reads_sections=False,
)
def init(arguments: argparse.Namespace) -> int:
    """Write the book; print the commands that come next."""
    from tabbook import scaffold
    from tabbook.base import console

    language = _language(arguments.language or _ask("language (en, ja)", "en"))
    names = (
        arguments.frameworks
        or _ask(f"frameworks ({', '.join(scaffold.offered())})", "python")
        .replace(",", " ")
        .split()
    )
    new = scaffold.NewBook(
        title=arguments.title or _ask("title", _default_title(language)),
        author=arguments.author or _ask("author", _git_author() or "The authors"),
        language=language,
        frameworks=tuple(_framework(name) for name in dict.fromkeys(names)),
        engine=_installed_from() if arguments.engine is None else arguments.engine,
    )
    folder = Path(arguments.folder)
    files = scaffold.write(folder, new)
    console.say(f"{console.plural(len(files), 'file')} in {folder}; next:")
    with in_folder(arguments.folder):
        console.say(f"  {command_line('pin')}")
        console.say(f"  {command_line()}")
    return 0


def _ask(question: str, default: str) -> str:
    """Return the user's answer; the default without a terminal, or for no answer."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return default
    try:
        return input(f"{question} [{default}]: ").strip() or default
    except EOFError:  # the user ended the input
        return default


def _language(tag: str) -> str:
    from tabbook.scaffold import LANGUAGES

    if tag not in LANGUAGES:
        raise UsageError(
            f"no templates are in the language {tag!r}; there are: "
            f"{', '.join(LANGUAGES)}; take one of them and change [project] lang "
            "afterwards"
        )
    return tag


def _framework(name: str) -> OfferedFramework:
    from tabbook.scaffold import offered

    if name not in offered():
        raise UsageError(
            f"no framework is called {name!r}; there are: {', '.join(offered())}"
        )
    return offered()[name]


def _default_title(language: str) -> str:
    from tabbook.scaffold.catalogue import words

    return words(language)["title"]


def _git_author() -> str:
    """Return the name with which git signs commits; empty if there is none."""
    try:
        process = subprocess.run(
            ["git", "config", "user.name"], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return process.stdout.strip()


def _installed_from() -> str:
    """Return the repository that this engine was installed from; empty if unknown.

    pip records it in ``direct_url.json``. A folder on this machine is of no use to the
    workflows.
    """
    import importlib.metadata  # imports the package email, which is slow

    try:
        text = importlib.metadata.distribution("tabbook").read_text("direct_url.json")
        origin = json.loads(text or "{}")
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""
    version = origin.get("vcs_info", {})
    if version.get("vcs") != "git":
        return ""
    return f"git+{origin['url']}@{version['commit_id']}"
