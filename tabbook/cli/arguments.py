"""What the command line takes: commands, their options, and the words on each."""

from __future__ import annotations

import argparse

PROGRAM = "./build.sh"
COMMANDS = {
    "build": "run what changed, write notebooks/ and the pages (the default)",
    "lint": "check the sources, all files at once",
    "compile": "write unexecuted notebooks to _build/compiled/",
    "run": "run the notebooks whose code or environment changed",
    "verify": "run every committed notebook again and compare all outputs (nbval)",
    "colab-check": "run every notebook as Colab would, on its versions, and compare",
    "html": "write the pages from the committed notebooks",
    "serve": "live preview: rebuild on save, reload the browser",
    "pdf": "set the book of a framework, to _build/pdf/",
    "epub": "make the book of a framework for readers' devices, to _build/epub/",
    "slides": "make slides from the slide marks, in _build/slides/",
    "zip": "pack the committed notebooks, to _build/zip/",
    "publish": "gather the site as it is served, in _build/site/",
    "scheduler": "start a scheduler, which spreads notebooks over workers",
    "worker": "run notebooks here that a scheduler sends",
    "pin": "resolve environments/NAME.in to pinned NAME.txt",
    "clean": "delete _build/, and environments where --framework names one",
    "test": "prove the project: lint, types, verify, tests, browser",
    "bench": "time it beside d2lbook, write benchmarks/RESULTS.md",
}

CHOOSING = {
    *("build", "compile", "run", "verify", "colab-check"),
    *("pdf", "epub", "slides", "zip", "worker", "pin", "clean"),
}
"""Commands that do their work for some frameworks alone, where asked."""

PASSED_ON = {
    "test": "arguments for pytest",
    "bench": "some rows alone, such as kernels",
}
"""Commands for the engine's own repository, and what they take."""


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return a command and its options; the command is ``build`` where none is named.

    :raises SystemExit: there is no such command or option; exit code 2.
    """
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Build a book whose sections run."
    )
    parser.add_argument("-C", dest="directory", default=".", metavar="DIR")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, text in COMMANDS.items():
        _arguments(name, commands.add_parser(name, help=text, description=text))
    known = {*COMMANDS, "-h", "--help"}
    at = 2 if arguments[:1] == ["-C"] else 0
    if len(arguments) <= at or arguments[at] not in known:
        arguments = [*arguments[:at], "build", *arguments[at:]]
    return parser.parse_args(arguments)


def _arguments(name: str, parser: argparse.ArgumentParser) -> None:
    if name in PASSED_ON:
        parser.add_argument("arguments", nargs="*", help=PASSED_ON[name])
        return
    if name in CHOOSING:
        parser.add_argument(
            *("--framework", "-f"),
            action="append",
            default=[],
            metavar="NAME",
            help="only this one; may be given again",
        )
    if name in {"build", "lint", "compile", "run", "verify", "colab-check"}:
        parser.add_argument("sections", nargs="*", metavar="SECTION")
    if name in {"build", "run", "html"}:
        parser.add_argument(
            "--force", action="store_true", help="again, even what is already there"
        )
    if name in {"build", "run", "verify", "worker"}:
        parser.add_argument(
            "--fresh-kernels",
            action="store_true",
            help="start every kernel afresh instead of forking it",
        )
    _cluster_arguments(name, parser)
    if name == "html":
        parser.add_argument(
            "--without-outputs",
            action="store_true",
            help="render the code alone, where the frameworks are not at hand",
        )
    if name == "publish":
        parser.add_argument(
            "--without",
            action="append",
            default=[],
            metavar="KIND",
            help="leave out pdf, epub, slides or zip; may be given again",
        )
    if name == "colab-check":
        parser.add_argument(
            "--newest",
            action="store_true",
            help="on the newest releases instead of those that Colab has",
        )
    if name == "serve":
        parser.add_argument("--port", type=int, default=8000)


def _cluster_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    if name in {"build", "run"}:
        parser.add_argument(
            "--scheduler",
            metavar="ADDRESS",
            help="run on the workers of this scheduler, such as tcp://HOST:8786",
        )
    if name in {"scheduler", "worker"}:
        parser.add_argument("address", help="of the scheduler, tcp://HOST:8786")
    if name == "worker":
        parser.add_argument("--gpus", type=int, help="how many, not those found")
        parser.add_argument("--jobs", type=int, help="notebooks at once")
