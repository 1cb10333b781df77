"""The command line: arguments in, exit code out; the steps are wired here.

Modules are imported where they are needed, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tabbook.base import config as configuration
from tabbook.base.errors import BookError, UsageError
from tabbook.base.process import worker_count
from tabbook.cli.arguments import PROGRAM, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tabbook.base.config import Config, Framework
    from tabbook.base.errors import Problem
    from tabbook.execution.planner import Outcome
    from tabbook.source.book import Book, Section


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code.

    :returns: 0 where all is well, 1 for what the user has to mend, 2 for usage.
    """
    options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        if options.command == "test":
            return _test(options.arguments)
        if options.command == "bench":
            return _bench(options.arguments)
        config = configuration.load(Path(options.directory))
        if getattr(options, "fresh_kernels", False):
            config = replace(config, fresh_kernels=True)
        command = getattr(
            sys.modules[__name__], f"_{options.command.replace('-', '_')}"
        )
        return int(command(config, options))
    except BookError as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("stopped; what was finished is saved\n")
        sys.stderr.flush()
        # Kernels watch their parent: it has to be gone at once, not after them.
        os._exit(130)


def _build(config: Config, options: argparse.Namespace) -> int:
    from tabbook.cli import console, last

    whole = not (options.force or options.sections or options.framework)
    began = last.look(config)
    known = last.read(config) if whole else None
    if known and known.holds(config, began):
        console.problems(known.told.problems)
        console.table(known.told.rows)
        _tell_page(config)
        return 0
    book = _book(config)
    edited = known.edited(book, began) if known else None
    known = None if edited is None else known
    kept = known.told.besides(edited) if known and edited is not None else last.Told()
    warnings = _linted(book, edited, kept.problems)
    if warnings is None:
        return 1
    beside = last.beside(book, began, known)
    outcomes = _executed(book, options, edited)
    console.table(kept.among(book, console.rows(outcomes)))
    if any(outcome.failure for outcome in outcomes):
        console.complain("no page was written: mend the cells above and build again")
        return 1
    from tabbook import sphinxext

    ran = last.look(config)
    sphinxext.build(book)
    _tell_page(config)
    if whole:
        told = last.Told(kept.among(book, console.reused(outcomes)), tuple(warnings))
        steps = [outcome.step for outcome in outcomes]
        last.note(book, told, steps, seen=(began | beside, ran | beside), known=known)
    return 0


def _tell_page(config: Config) -> None:
    from tabbook.cli import console

    console.say(f"read it: {config.output / 'html' / (config.index + '.html')}")


def _lint(config: Config, options: argparse.Namespace) -> int:
    from tabbook.cli import console

    book = _book(config)
    sections = _sections(book, options)
    warnings = _linted(book, sections if options.sections else None)
    console.say(f"{len(sections)} files checked")
    return 1 if warnings is None else 0


def _compile(config: Config, options: argparse.Namespace) -> int:
    from tabbook.cli import console
    from tabbook.notebooks import store
    from tabbook.notebooks.compile import compile_section, notebook_path

    book = _book(config)
    _draw(book)
    folder = config.output / "compiled"
    for section in _sections(book, options):
        for framework in _frameworks(config, options.framework):
            made = compile_section(book, section, framework)
            if made is not None:
                file = folder / notebook_path(section.name, framework.name)
                store.save(config, file, made)
                console.say(str(file))
    return 0


def _run(config: Config, options: argparse.Namespace) -> int:
    from tabbook.cli import console

    book = _book(config)
    if _linted(book) is None:
        return 1
    outcomes = _executed(book, options)
    console.summary(outcomes)
    return 1 if any(outcome.failure for outcome in outcomes) else 0


def _verify(config: Config, options: argparse.Namespace) -> int:
    from tabbook.cli import console
    from tabbook.notebooks import verified
    from tabbook.verification import verify

    book = _book(config)
    verdict = verify.verify(
        book,
        _sections(book, options),
        _frameworks(config, options.framework),
        jobs=worker_count(config.jobs),
        progress=verify.VerificationProgress(
            console.tell_setting_up, warned=console.problems
        ),
    )
    console.verdict(verdict)
    verified.note(config, *verdict.sorted_out)
    return 0 if verdict.passed else 1


def _colab_check(config: Config, options: argparse.Namespace) -> int:
    from tabbook.cli import console
    from tabbook.verification import colab, verify

    book = _book(config)
    machines = colab.machines(
        book,
        _frameworks(config, options.framework),
        newest=options.newest,
        progress=verify.VerificationProgress(console.tell_setting_up),
    )
    for machine in machines:
        for line in colab.told(config, machine):
            console.say(line)
    jobs = worker_count(config.jobs)
    verdict = colab.check(book, _sections(book, options), machines, jobs=jobs)
    console.verdict(verdict)
    return 0 if verdict.passed else 1


def _html(config: Config, options: argparse.Namespace) -> int:
    from tabbook import sphinxext

    sphinxext.build(
        config, without_outputs=options.without_outputs, fresh=options.force
    )
    _tell_page(config)
    return 0


def _serve(config: Config, options: argparse.Namespace) -> int:
    from tabbook import preview

    preview.serve(config, port=options.port)
    return 0


def _pdf(config: Config, options: argparse.Namespace) -> int:
    return _made("pdf", config, options)


def _epub(config: Config, options: argparse.Namespace) -> int:
    return _made("epub", config, options)


def _slides(config: Config, options: argparse.Namespace) -> int:
    return _made("slides", config, options)


def _made(kind: str, config: Config, options: argparse.Namespace) -> int:
    """Make one form of the book for the frameworks asked for; say where it is."""
    from tabbook.cli import console
    from tabbook.export import site

    book = _book(config)
    for framework in _frameworks(config, options.framework):
        console.say(str(site.FORMS[kind](book, framework)))
    return 0


def _zip(config: Config, options: argparse.Namespace) -> int:
    from tabbook.cli import console
    from tabbook.export import site

    if not options.framework:
        console.say(str(site.zipped_whole(_book(config))))
    return _made("zip", config, options)


def _publish(config: Config, options: argparse.Namespace) -> int:
    from tabbook.cli import console
    from tabbook.export import site

    made = site.publish(_book(config), without=options.without)
    console.say(f"{made.files} files, {made.size / 1e6:.1f} MB: {made.folder}")
    console.say(
        f"to be served at {made.address}"
        if made.address
        else "no sitemap: config.ini names neither [tabbook] site nor repository"
    )
    return 0


def _scheduler(config: Config, options: argparse.Namespace) -> int:
    from tabbook.cli import console
    from tabbook.execution.cluster import scheduler

    scheduler.serve(scheduler.address(options.address), console.say)
    return 0


def _worker(config: Config, options: argparse.Namespace) -> int:
    from tabbook import environments
    from tabbook.cli import console
    from tabbook.execution.cluster import scheduler, worker

    address = scheduler.address(options.address)
    frameworks = _frameworks(config, options.framework)
    for framework in frameworks:
        environments.prepare(config, framework, console.tell_setting_up)
    offer = worker.Offer(
        frameworks,
        jobs=worker_count(options.jobs or config.jobs),
        gpus=worker.found_gpus() if options.gpus is None else options.gpus,
    )
    return 0 if worker.serve(config, address, offer, console.say) else 1


def _pin(config: Config, options: argparse.Namespace) -> int:
    from tabbook import environments
    from tabbook.cli import console

    folder = config.root / "environments"
    names = options.framework or sorted(file.stem for file in folder.glob("*.in"))
    for name in names:
        colab = name.endswith(environments.COLAB_SUFFIX) and config.colab_python
        python = colab or config.python
        console.say(str(environments.pin(folder / f"{name}.in", python)))
    return 0


def _clean(config: Config, options: argparse.Namespace) -> int:
    names = [one.name for one in _chosen(config, options.framework)]
    gone = [folder for name in names for folder in config.venvs.glob(f"{name}*")]
    for folder in gone or [config.output]:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _test(arguments: list[str]) -> int:
    """Run everything that proves the project; pytest speaks last."""
    root = Path(__file__).parent.parent.parent
    steps = [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy"],
        ["tabbook", "lint"],
        ["tabbook", "verify"],
        ["pytest", *arguments],
    ]
    passed = True
    for step in steps:
        sys.stdout.write(f"\n== {' '.join(step)}\n")
        sys.stdout.flush()
        done = subprocess.run([sys.executable, "-m", *step], cwd=root, check=False)
        passed = passed and done.returncode == 0
    return 0 if passed else 1


def _bench(rows: list[str]) -> int:
    """Run the benchmarks."""
    root = Path(__file__).parent.parent.parent
    command = [sys.executable, str(root / "benchmarks" / "run.py"), *rows]
    return subprocess.run(command, check=False).returncode


def _book(config: Config) -> Book:
    from tabbook.source import book

    return book.load(config)


def _sections(book: Book, options: argparse.Namespace) -> tuple[Section, ...]:
    return book.select(options.sections)


def _frameworks(config: Config, names: list[str]) -> tuple[Framework, ...]:
    return _chosen(config, names) or config.frameworks


def _chosen(config: Config, names: list[str]) -> tuple[Framework, ...]:
    for name in names:
        if name not in {one.name for one in config.frameworks}:
            known = ", ".join(one.name for one in config.frameworks)
            raise UsageError(f"no framework is called {name!r}; there are: {known}")
    return tuple(one for one in config.frameworks if one.name in names)


def _linted(
    book: Book,
    sections: tuple[Section, ...] | None = None,
    known: Iterable[Problem] = (),
) -> list[Problem] | None:
    """Print what lint finds; return its warnings, None where a build may not go on.

    :param sections: those to look at; all where none are given.
    :param known: what was found of the others.
    """
    from tabbook import lint
    from tabbook.cli import console

    found = sorted({*lint.lint(book, sections), *known})
    console.problems(found)
    count = sum(one.severity == "error" for one in found)
    if count:
        console.complain(f"{count} errors; nothing was run, nothing was written")
    return None if count else found


def _draw(book: Book) -> None:
    """Draw what the notebooks show, where a figure is new or changed."""
    from tabbook.cli import console
    from tabbook.notebooks import figures

    for file in figures.draw(book):
        console.say(f"drew {file.relative_to(book.config.root)}")


def _executed(
    book: Book,
    options: argparse.Namespace,
    edited: tuple[Section, ...] | None = None,
) -> list[Outcome]:
    """Bring the notebooks up to date; return what became of each.

    :param edited: the only sections that changed, if what others see of them did not.
    """
    from tabbook.cli import console
    from tabbook.execution import planner

    if edited is None:
        _draw(book)
    sections = _sections(book, options) if edited is None else edited
    frameworks = _frameworks(book.config, options.framework)
    steps = planner.plan(book, sections, frameworks, force=options.force)
    executor = None
    if options.scheduler is not None and any(one.reused is None for one in steps):
        from tabbook.execution.cluster.executor import ClusterExecutor

        executor = ClusterExecutor(options.scheduler, console.complain)
    with console.progress() as progress:
        outcomes = planner.run(book, steps, executor=executor, progress=progress)
    console.failures(outcomes)
    for file in planner.remove_orphans(book) if edited is None else ():
        console.say(f"deleted {file}: no section makes it any more")
    return outcomes
