"""Commands that build a book: lint, compile and execute notebooks, write pages."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tabbook.base.files import state
from tabbook.base.folders import output_folder
from tabbook.base.freshness import Freshness, Report, Snapshot
from tabbook.cli.commands.command import command, option
from tabbook.cli.commands.options import (
    ACCESS,
    FORCE,
    FRAMEWORKS,
    FRESH_KERNELS,
    SCHEDULER,
    SECTIONS,
    cluster_address,
    kernel_start,
    load_book,
    load_config,
    selection,
)

if TYPE_CHECKING:
    from tabbook.base.config import Config
    from tabbook.base.errors import Problem
    from tabbook.execution.planner import Outcome
    from tabbook.execution.step import Step
    from tabbook.source.book import Book
    from tabbook.source.section import Section
    from tabbook.sphinxext.background import PageBuild


@command(
    "build",
    "run what changed, write notebooks/ and the pages (the default)",
    *(SECTIONS, FRAMEWORKS, FORCE, FRESH_KERNELS, SCHEDULER, *ACCESS),
)
def build(arguments: argparse.Namespace) -> int:
    """Execute the notebooks that changed and bring the pages up to date."""
    from tabbook.base import console

    config = load_config(arguments)
    whole = not (arguments.force or selection(arguments))
    freshness = Freshness(config)
    if whole and (record := freshness.current()) and record.report:
        _print_report(config, record.report, record.warnings)
        return 0
    before = freshness.snapshot()
    book = load_book(arguments)
    warnings = _lint_before_running(book, arguments)
    if warnings is None:
        return 1
    from tabbook.cli.summary import print_summary
    from tabbook.execution.report import rows, rows_if_unchanged
    from tabbook.sphinxext.background import PageBuild

    steps, drawn = _plan(book, arguments)
    running = [step.section for step in steps if step.reused is None]
    with PageBuild(book, running) as pages:
        outcomes, orphans = _execute(book, steps, arguments, pages)
        print_summary(rows(outcomes))
        if any(outcome.failure for outcome in outcomes):
            console.complain(
                "no page was written: correct the cells above and build again"
            )
            return 1
        pages.finish()
    written = [*drawn, *orphans]
    _print_page(config)
    if whole:
        report = Report(tuple(warnings), tuple(rows_if_unchanged(outcomes)))
        written += _updated_notebooks(config, outcomes, before)
        freshness.add_report(report, before, written)
    return 0


@command("lint", "check the sources, all files at once", SECTIONS, writes_output=False)
def lint(arguments: argparse.Namespace) -> int:
    """Check the selected sections; all of them where none is selected."""
    book = load_book(arguments)
    sections = selection(arguments).sections(book)
    warnings = _lint(book, sections if arguments.sections else None)
    from tabbook.base import console

    console.say(f"{console.plural(len(sections), 'file')} checked")
    return 1 if warnings is None else 0


@command(
    "compile", "write unexecuted notebooks to _build/compiled/", SECTIONS, FRAMEWORKS
)
def compile_notebooks(arguments: argparse.Namespace) -> int:
    """Write notebooks without outputs; print their paths."""
    from tabbook.base import console
    from tabbook.notebooks import store
    from tabbook.notebooks.compile import compile_section, notebook_path

    book, selected = load_book(arguments), selection(arguments)
    config = book.config
    _draw_figures(book)
    folder = output_folder.claim(config) / "compiled"
    for section in selected.sections(book):
        for framework in selected.frameworks(config):
            notebook = compile_section(book, section, framework)
            if notebook is not None:
                file = folder / notebook_path(section.name, framework.name)
                store.save(config, file, notebook)
                console.say(str(file))
    return 0


@command(
    "run",
    "run the notebooks whose code or environment changed",
    *(SECTIONS, FRAMEWORKS, FORCE, FRESH_KERNELS, SCHEDULER, *ACCESS),
    option(
        "--twice",
        action="store_true",
        help="run each of them twice, and name the cells whose outputs differ",
    ),
)
def run(arguments: argparse.Namespace) -> int:
    """Execute the notebooks that changed; write no page."""
    from tabbook.cli.summary import print_summary
    from tabbook.execution.report import rows

    book = load_book(arguments)
    if _lint_before_running(book, arguments) is None:
        return 1
    steps, _ = _plan(book, arguments)
    outcomes, _ = _execute(book, steps, arguments)
    print_summary(rows(outcomes))
    return 1 if any(outcome.failure for outcome in outcomes) else 0


@command(
    "html",
    "write the pages from the committed notebooks",
    FORCE,
    option(
        "--without-outputs",
        action="store_true",
        help="show the code without outputs; needs no framework and no notebook",
    ),
)
def html(arguments: argparse.Namespace) -> int:
    """Bring the pages up to date; execute nothing."""
    from tabbook import sphinxext

    config = load_config(arguments)
    sphinxext.build(
        config, without_outputs=arguments.without_outputs, fresh=arguments.force
    )
    _print_page(config)
    return 0


def _print_report(config: Config, report: Report, warnings: str) -> None:
    from tabbook.base import console
    from tabbook.cli.summary import print_summary

    console.print_problems(report.problems)
    print_summary(report.rows)
    if warnings:
        console.complain(warnings)
    _print_page(config)


def _updated_notebooks(
    config: Config, outcomes: Sequence[Outcome], before: Snapshot
) -> list[Path]:
    """Return the notebooks that changed since then and equal their sections now."""
    from tabbook.notebooks import store

    updated = []
    for step in (outcome.step for outcome in outcomes):
        own = config, step.section, step.framework
        file = store.path(*own)
        is_changed = state(file) != before.files.get(str(file))
        if is_changed and store.settled(*own, step.compiled):
            updated.append(file)
    return updated


def _print_page(config: Config) -> None:
    from tabbook.base import console

    console.say(f"read it: {config.output / 'html' / (config.index + '.html')}")


def _lint(
    book: Book,
    sections: tuple[Section, ...] | None = None,
) -> list[Problem] | None:
    """Print the problems of a book; return its warnings, None where it has errors.

    :param sections: those to check; None for all.
    """
    from tabbook import lint
    from tabbook.base import console

    problems = sorted(lint.lint(book, sections))
    console.print_problems(problems)
    errors = sum(problem.severity == "error" for problem in problems)
    if errors:
        count = console.plural(errors, "error")
        console.complain(f"{count}; nothing was run, nothing was written")
    return None if errors else problems


def _lint_before_running(
    book: Book, arguments: argparse.Namespace
) -> list[Problem] | None:
    """Print the problems of a book, as ``_lint``, while frameworks are imported."""
    from tabbook.execution import planner
    from tabbook.execution.forkserver.servers import close_servers

    if arguments.scheduler is None:
        selected = selection(arguments)
        planner.start_imports(
            book,
            selected.sections(book),
            selected.frameworks(book.config),
            start=kernel_start(arguments),
            force=arguments.force,
        )
    warnings = _lint(book)
    if warnings is None:
        close_servers(unused=True)
    return warnings


def _draw_figures(book: Book) -> list[Path]:
    """Draw the figures of notebooks that are new or changed; return their files."""
    from tabbook.base import console
    from tabbook.notebooks.prose import figures

    drawn = list(figures.draw(book))
    for file in drawn:
        console.say(f"drew {file.relative_to(book.config.root)}")
    return drawn


def _plan(book: Book, arguments: argparse.Namespace) -> tuple[list[Step], list[Path]]:
    """Return the selected notebooks, and the files of the figures that were drawn."""
    from tabbook.execution import planner, report

    selected = selection(arguments)
    drawn = _draw_figures(book)
    steps = planner.plan(
        book,
        selected.sections(book),
        selected.frameworks(book.config),
        force=arguments.force,
        twice=getattr(arguments, "twice", False),
    )
    report.print_repairs(steps)
    return steps, drawn


def _execute(
    book: Book,
    steps: Sequence[Step],
    arguments: argparse.Namespace,
    pages: PageBuild | None = None,
) -> tuple[list[Outcome], list[Path]]:
    """Bring notebooks up to date and print failures.

    :param pages: a build of pages, which is notified of each ended notebook.
    :returns: the outcomes, and the files that were deleted.
    """
    from tabbook.base import console
    from tabbook.execution import planner, report

    cluster = None
    if arguments.scheduler is not None and any(step.reused is None for step in steps):
        from tabbook.execution.cluster.client import NotebookCluster

        address = cluster_address(arguments, arguments.scheduler)
        cluster = NotebookCluster(address, book.config, console.complain)
    with report.progress() as progress:
        outcomes = planner.run(
            book,
            steps,
            runner=cluster,
            start=kernel_start(arguments),
            progress=pages.notified_by(progress) if pages else progress,
        )
    report.print_failures(outcomes)
    orphans = list(planner.remove_orphans(book))
    for file in orphans:
        console.say(f"deleted {file}: no section makes it any more")
    return outcomes, orphans
