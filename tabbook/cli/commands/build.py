"""Commands that build a book: lint, compile and execute notebooks, write pages."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tabbook.cli.commands.command import command, option
from tabbook.cli.commands.options import (
    FORCE,
    FRAMEWORKS,
    FRESH_KERNELS,
    SCHEDULER,
    SECTIONS,
    load_book,
    load_config,
    selection,
)

if TYPE_CHECKING:
    from tabbook.base.config import Config
    from tabbook.base.errors import Problem
    from tabbook.execution.planner import Outcome
    from tabbook.source.book import Book
    from tabbook.source.section import Section


@command(
    "build",
    "run what changed, write notebooks/ and the pages (the default)",
    *(SECTIONS, FRAMEWORKS, FORCE, FRESH_KERNELS, SCHEDULER),
)
def build(arguments: argparse.Namespace) -> int:
    """Execute the notebooks that changed and bring the pages up to date."""
    from tabbook.cli import console, last

    config = load_config(arguments)
    whole = not (arguments.force or selection(arguments))
    began = last.look(config)
    known = last.read(config) if whole else None
    if known and known.holds(config, began):
        console.problems(known.told.problems)
        console.table(known.told.rows)
        _print_page(config)
        return 0
    book = load_book(arguments)
    edited = known.edited(book, began) if known else None
    known = None if edited is None else known
    kept = known.told.besides(edited) if known and edited is not None else last.Told()
    warnings = _lint(book, edited, kept.problems)
    if warnings is None:
        return 1
    beside = last.beside(book, began, known)
    outcomes = _execute(book, arguments, edited)
    console.table(kept.among(book, console.rows(outcomes)))
    if any(outcome.failure for outcome in outcomes):
        console.complain("no page was written: correct the cells above and build again")
        return 1
    from tabbook import sphinxext

    ran = last.look(config)
    sphinxext.build(book)
    _print_page(config)
    if whole:
        told = last.Told(kept.among(book, console.reused(outcomes)), tuple(warnings))
        steps = [outcome.step for outcome in outcomes]
        last.note(book, told, steps, seen=(began | beside, ran | beside), known=known)
    return 0


@command("lint", "check the sources, all files at once", SECTIONS)
def lint(arguments: argparse.Namespace) -> int:
    """Check the selected sections; all of them where none is selected."""
    book = load_book(arguments)
    sections = selection(arguments).sections(book)
    warnings = _lint(book, sections if arguments.sections else None)
    from tabbook.cli import console

    console.say(f"{console.count(len(sections), 'file')} checked")
    return 1 if warnings is None else 0


@command(
    "compile", "write unexecuted notebooks to _build/compiled/", SECTIONS, FRAMEWORKS
)
def compile_notebooks(arguments: argparse.Namespace) -> int:
    """Write notebooks without outputs; print their paths."""
    from tabbook.cli import console
    from tabbook.notebooks import store
    from tabbook.notebooks.compile import compile_section, notebook_path

    book, selected = load_book(arguments), selection(arguments)
    config = book.config
    _draw_figures(book)
    folder = config.output / "compiled"
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
    *(SECTIONS, FRAMEWORKS, FORCE, FRESH_KERNELS, SCHEDULER),
)
def run(arguments: argparse.Namespace) -> int:
    """Execute the notebooks that changed; write no page."""
    from tabbook.cli import console

    book = load_book(arguments)
    if _lint(book) is None:
        return 1
    outcomes = _execute(book, arguments)
    console.summary(outcomes)
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


def _print_page(config: Config) -> None:
    from tabbook.cli import console

    console.say(f"read it: {config.output / 'html' / (config.index + '.html')}")


def _lint(
    book: Book,
    sections: tuple[Section, ...] | None = None,
    known: Iterable[Problem] = (),
) -> list[Problem] | None:
    """Print the problems of a book; return its warnings, None where it has errors.

    :param sections: those to check; None for all.
    :param known: problems of the other sections.
    """
    from tabbook import lint
    from tabbook.cli import console

    problems = sorted({*lint.lint(book, sections), *known})
    console.problems(problems)
    errors = sum(problem.severity == "error" for problem in problems)
    if errors:
        count = console.count(errors, "error")
        console.complain(f"{count}; nothing was run, nothing was written")
    return None if errors else problems


def _draw_figures(book: Book) -> None:
    """Draw the figures of notebooks that are new or changed."""
    from tabbook.cli import console
    from tabbook.notebooks import figures

    for file in figures.draw(book):
        console.say(f"drew {file.relative_to(book.config.root)}")


def _execute(
    book: Book,
    arguments: argparse.Namespace,
    edited: tuple[Section, ...] | None = None,
) -> list[Outcome]:
    """Bring the selected notebooks up to date; print failures, return the outcomes.

    :param edited: the only sections that changed, if what others see of them did not.
    """
    from tabbook.cli import console
    from tabbook.execution import planner

    selected = selection(arguments)
    if edited is None:
        _draw_figures(book)
    sections = selected.sections(book) if edited is None else edited
    frameworks = selected.frameworks(book.config)
    steps = planner.plan(book, sections, frameworks, force=arguments.force)
    cluster = None
    if arguments.scheduler is not None and any(step.reused is None for step in steps):
        from tabbook.execution.cluster.client import NotebookCluster

        cluster = NotebookCluster(arguments.scheduler, book.config, console.complain)
    with console.progress() as progress:
        outcomes = planner.run(book, steps, runner=cluster, progress=progress)
    console.failures(outcomes)
    for file in planner.remove_orphans(book) if edited is None else ():
        console.say(f"deleted {file}: no section makes it any more")
    return outcomes
