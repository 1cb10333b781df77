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

from tabbook import config as configuration
from tabbook.arguments import PROGRAM, parse
from tabbook.errors import BookError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tabbook.book import Book, Section
    from tabbook.build import Outcome
    from tabbook.config import Config, Framework
    from tabbook.errors import Problem


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
    from tabbook import last, report

    whole = not (options.force or options.sections or options.framework)
    began = last.look(config)
    known = last.read(config) if whole else None
    if known and known.holds(config, began):
        report.problems(known.told.problems)
        report.table(known.told.rows)
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
    report.table(kept.among(book, report.rows(outcomes)))
    if any(outcome.failure for outcome in outcomes):
        report.complain("no page was written: mend the cells above and build again")
        return 1
    from tabbook import sphinx

    ran = last.look(config)
    sphinx.build(book)
    _tell_page(config)
    if whole:
        told = last.Told(kept.among(book, report.reused(outcomes)), tuple(warnings))
        steps = [outcome.step for outcome in outcomes]
        last.note(book, told, steps, seen=(began | beside, ran | beside), known=known)
    return 0


def _tell_page(config: Config) -> None:
    from tabbook import report

    report.say(f"read it: {config.output / 'html' / (config.index + '.html')}")


def _lint(config: Config, options: argparse.Namespace) -> int:
    from tabbook import report

    book = _book(config)
    sections = _sections(book, options)
    warnings = _linted(book, sections if options.sections else None)
    report.say(f"{len(sections)} files checked")
    return 1 if warnings is None else 0


def _compile(config: Config, options: argparse.Namespace) -> int:
    from tabbook import report, store
    from tabbook.compile import compile_section, notebook_path

    book = _book(config)
    _draw(book)
    folder = config.output / "compiled"
    for section in _sections(book, options):
        for framework in _frameworks(config, options.framework):
            made = compile_section(book, section, framework)
            if made is not None:
                file = folder / notebook_path(section.name, framework.name)
                store.save(config, file, made)
                report.say(str(file))
    return 0


def _run(config: Config, options: argparse.Namespace) -> int:
    from tabbook import report

    book = _book(config)
    if _linted(book) is None:
        return 1
    outcomes = _executed(book, options)
    report.summary(outcomes)
    return 1 if any(outcome.failure for outcome in outcomes) else 0


def _verify(config: Config, options: argparse.Namespace) -> int:
    from tabbook import report, stamps, verify

    book = _book(config)
    verdict = verify.verify(
        book,
        _sections(book, options),
        _frameworks(config, options.framework),
        jobs=config.jobs or 2 * configuration.cores(),
        progress=verify.Progress(report.tell_setting_up, warned=report.problems),
    )
    report.verdict(verdict)
    stamps.note(config, *verdict.sorted_out)
    return 0 if verdict.passed else 1


def _colab_check(config: Config, options: argparse.Namespace) -> int:
    from tabbook import colab, report, verify

    book = _book(config)
    machines = colab.machines(
        book,
        _frameworks(config, options.framework),
        newest=options.newest,
        progress=verify.Progress(report.tell_setting_up),
    )
    for machine in machines:
        for line in colab.told(config, machine):
            report.say(line)
    jobs = config.jobs or 2 * configuration.cores()
    verdict = colab.check(book, _sections(book, options), machines, jobs=jobs)
    report.verdict(verdict)
    return 0 if verdict.passed else 1


def _html(config: Config, options: argparse.Namespace) -> int:
    from tabbook import sphinx

    sphinx.build(config, without_outputs=options.without_outputs, fresh=options.force)
    _tell_page(config)
    return 0


def _serve(config: Config, options: argparse.Namespace) -> int:
    from tabbook import serve

    serve.serve(config, port=options.port)
    return 0


def _pdf(config: Config, options: argparse.Namespace) -> int:
    return _made("pdf", config, options)


def _epub(config: Config, options: argparse.Namespace) -> int:
    return _made("epub", config, options)


def _slides(config: Config, options: argparse.Namespace) -> int:
    return _made("slides", config, options)


def _made(kind: str, config: Config, options: argparse.Namespace) -> int:
    """Make one form of the book for the frameworks asked for; say where it is."""
    from tabbook import publish, report

    book = _book(config)
    for framework in _frameworks(config, options.framework):
        report.say(str(publish.FORMS[kind](book, framework)))
    return 0


def _zip(config: Config, options: argparse.Namespace) -> int:
    from tabbook import publish, report

    if not options.framework:
        report.say(str(publish.zipped_whole(_book(config))))
    return _made("zip", config, options)


def _publish(config: Config, options: argparse.Namespace) -> int:
    from tabbook import publish, report

    made = publish.publish(_book(config), without=options.without)
    report.say(f"{made.files} files, {made.size / 1e6:.1f} MB: {made.folder}")
    report.say(
        f"to be served at {made.address}"
        if made.address
        else "no sitemap: config.ini names neither [tabbook] site nor repository"
    )
    return 0


def _scheduler(config: Config, options: argparse.Namespace) -> int:
    from tabbook import report, scheduler

    scheduler.serve(scheduler.address(options.address), report.say)
    return 0


def _worker(config: Config, options: argparse.Namespace) -> int:
    from tabbook import environments, report, scheduler, worker

    address = scheduler.address(options.address)
    frameworks = _frameworks(config, options.framework)
    for framework in frameworks:
        environments.prepare(config, framework, report.tell_setting_up)
    offer = worker.Offer(
        frameworks,
        jobs=options.jobs or config.jobs or 2 * configuration.cores(),
        gpus=worker.found_gpus() if options.gpus is None else options.gpus,
    )
    return 0 if worker.serve(config, address, offer, report.say) else 1


def _pin(config: Config, options: argparse.Namespace) -> int:
    from tabbook import environments, report

    folder = config.root / "environments"
    names = options.framework or sorted(file.stem for file in folder.glob("*.in"))
    for name in names:
        colab = name.endswith(environments.COLAB) and config.colab_python
        python = colab or config.python
        report.say(str(environments.pin(folder / f"{name}.in", python)))
    return 0


def _clean(config: Config, options: argparse.Namespace) -> int:
    names = [one.name for one in _chosen(config, options.framework)]
    gone = [folder for name in names for folder in config.venvs.glob(f"{name}*")]
    for folder in gone or [config.output]:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _test(arguments: list[str]) -> int:
    """Run everything that proves the project; pytest speaks last."""
    root = Path(__file__).parent.parent
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
    root = Path(__file__).parent.parent
    command = [sys.executable, str(root / "benchmarks" / "run.py"), *rows]
    return subprocess.run(command, check=False).returncode


def _book(config: Config) -> Book:
    from tabbook import book

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
    from tabbook import lint, report

    found = sorted({*lint.lint(book, sections), *known})
    report.problems(found)
    count = sum(one.severity == "error" for one in found)
    if count:
        report.complain(f"{count} errors; nothing was run, nothing was written")
    return None if count else found


def _draw(book: Book) -> None:
    """Draw what the notebooks show, where a figure is new or changed."""
    from tabbook import figures, report

    for file in figures.draw(book):
        report.say(f"drew {file.relative_to(book.config.root)}")


def _executed(
    book: Book,
    options: argparse.Namespace,
    edited: tuple[Section, ...] | None = None,
) -> list[Outcome]:
    """Bring the notebooks up to date; return what became of each.

    :param edited: the only sections that changed, if what others see of them did not.
    """
    from tabbook import build, report

    if edited is None:
        _draw(book)
    sections = _sections(book, options) if edited is None else edited
    frameworks = _frameworks(book.config, options.framework)
    steps = build.plan(book, sections, frameworks, force=options.force)
    executor = None
    if options.scheduler is not None and any(one.reused is None for one in steps):
        from tabbook.cluster import ClusterExecutor

        executor = ClusterExecutor(options.scheduler, report.complain)
    with report.progress() as progress:
        outcomes = build.run(book, steps, executor=executor, progress=progress)
    report.failures(outcomes)
    for file in build.remove_orphans(book) if edited is None else ():
        report.say(f"deleted {file}: no section makes it any more")
    return outcomes
