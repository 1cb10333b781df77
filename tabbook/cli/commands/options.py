"""Options that several commands share, and the values they give."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tabbook.base import config as configuration
from tabbook.base.errors import UsageError
from tabbook.base.folders import output_folder
from tabbook.cli.commands.command import option

if TYPE_CHECKING:
    from tabbook.base.config import Config, Framework
    from tabbook.environments.kernelspec import KernelStart
    from tabbook.source.book import Book
    from tabbook.source.section import Section

SECTIONS = option(
    "sections",
    nargs="*",
    metavar="SECTION",
    help="only this section or folder; may be given several times",
)
FRAMEWORKS = option(
    "--framework",
    "-f",
    dest="frameworks",
    action="append",
    default=[],
    metavar="NAME",
    help="only this framework; may be given several times",
)
FORCE = option(
    "--force", action="store_true", help="do it again, even where nothing changed"
)
FRESH_KERNELS = option(
    "--fresh-kernels",
    action="store_true",
    help="start a new process for every kernel instead of forking it",
)
SCHEDULER = option(
    "--scheduler",
    metavar="ADDRESS",
    help="run on the workers of this scheduler, such as tcp://HOST:8786",
)
ACCESS = (
    option(
        "--certificates",
        metavar="DIR",
        help="folder with ca.pem, cert.pem and key.pem, for tls://HOST:8786",
    ),
    option(
        "--insecure",
        action="store_true",
        help="let everyone who reaches tcp://HOST:8786 run code on the cluster",
    ),
)
ADDRESS = option("address", help="address of the scheduler, such as tcp://HOST:8786")


@dataclass(frozen=True)
class Selection:
    """The part of a book that a command is limited to."""

    section_names: tuple[str, ...] = ()
    """Sections or folders; empty for the whole book."""
    framework_names: tuple[str, ...] = ()
    """Frameworks; empty for all of the book."""

    def __bool__(self) -> bool:
        """Return whether the selection leaves anything out."""
        return bool(self.section_names or self.framework_names)

    def sections(self, book: Book) -> tuple[Section, ...]:
        """Return the selected sections, in reading order.

        :raises UsageError: a name is not the name of a section or a folder.
        """
        return book.select(list(self.section_names))

    def frameworks(self, config: Config) -> tuple[Framework, ...]:
        """Return the selected frameworks, in the order of the tabs.

        :raises UsageError: a name is not the name of a framework.
        """
        names = [framework.name for framework in config.frameworks]
        for name in self.framework_names:
            if name not in names:
                reason = f"no framework is called {name!r}"
                if name in config.dropped:
                    reason = f"config.ini's [build] tabs leaves {name!r} out"
                raise UsageError(f"{reason}; there are: {', '.join(names)}")
        if not self.framework_names:
            return config.frameworks
        return tuple(
            framework
            for framework in config.frameworks
            if framework.name in self.framework_names
        )


def selection(arguments: argparse.Namespace) -> Selection:
    """Return the sections and frameworks that the options select."""
    return Selection(
        tuple(getattr(arguments, "sections", ())),
        tuple(getattr(arguments, "frameworks", ())),
    )


def kernel_start(arguments: argparse.Namespace) -> KernelStart:
    """Return how kernels are started, as ``FRESH_KERNELS`` says."""
    from tabbook.environments.kernelspec import KernelStart

    return KernelStart.FRESH if arguments.fresh_kernels else KernelStart.FORKED


def cluster_address(arguments: argparse.Namespace, address: str) -> str:
    """Return the address of a scheduler, protected as ``ACCESS`` says.

    :raises UsageError: it is no address, or not protected.
    """
    from tabbook.execution.cluster import security

    return security.secured(
        address, insecure=arguments.insecure, certificates=arguments.certificates
    )


def load_config(arguments: argparse.Namespace) -> Config:
    """Return the configuration of the book in ``-C``.

    :raises BookError: there is no configuration, a value in it is wrong, or the folder
        that the command would write to holds files of others.
    """
    config = configuration.load(Path(arguments.directory))
    if arguments.writes_output:
        output_folder.claim(config)
    return config


def refuse_translation(config: Config, command: str) -> None:
    """Refuse a command that concerns code, which is that of the origin.

    :raises UsageError: the book is a translation.
    """
    if config.origin:
        raise UsageError(
            f"a translation has the code of its origin; run `{command}` in the folder "
            f"{config.origin.root}"
        )


def load_book(arguments: argparse.Namespace) -> Book:
    """Return the book in ``-C``.

    :raises BookError: its configuration or its list of sections is wrong.
    """
    config = load_config(arguments)  # an error here needs no import of d2lbook
    from tabbook.source import book

    return book.load(config)
