"""Time this book's build beside d2lbook 1.0.3: one run, same sources, same machine.

    .venvs/book/bin/python benchmarks/run.py

Both sides use environments that stand, with compiled bytecode, and the same kernels.
Four situations, each for both; seconds are wall time of the whole commands.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

import d2lbook_runner  # noqa: E402

from tabbook import config, environments  # noqa: E402

SECTION = "chapter_builders-guide/parameters.md"
BOUNDS = {"cold": 0.5, "prose edit": 0.1, "code edit": 0.4, "nothing changed": 0.0}


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="tabbook-bench-") as scratch:
        ours, theirs = (
            d2lbook_runner.copy(Path(scratch) / name) for name in ("ours", "theirs")
        )
        book = config.load(ours)
        for framework in book.frameworks:
            environments.prepare(book, framework)
        environments.prepare_own("d2lbook", d2lbook_runner.PYTHON)
        _print("situation", "tabbook s", "d2lbook s", "ratio", "at most")
        for name, change in _situations().items():
            for folder in (ours, theirs):
                change(folder)
            time.sleep(1.1)  # d2lbook tells what changed by whole file times
            mine = _seconds(lambda: _tabbook(ours))
            other = _seconds(lambda: _d2lbook(theirs))
            bound = f"{BOUNDS[name]:.2f}" if BOUNDS[name] else "1 s"
            _print(name, f"{mine:.2f}", f"{other:.2f}", f"{mine / other:.3f}", bound)
        python = _seconds(lambda: _run([sys.executable, "-c", ""], ours))
        _print("(Python alone)", f"{python:.2f}", "", "", "")


def _situations() -> dict[str, Callable[[Path], None]]:
    return {
        "cold": lambda folder: None,
        "prose edit": lambda folder: _edit(
            folder, "## まとめ", "加えた文です。\n\n## まとめ"
        ),
        "code edit": lambda folder: _edit(
            folder, "%%tab pytorch\n", "%%tab pytorch\nprint('edited')\n"
        ),
        "nothing changed": lambda folder: None,
    }


def _edit(folder: Path, old: str, new: str) -> None:
    path = folder / SECTION
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _tabbook(folder: Path) -> None:
    _run([str(REPOSITORY / "build.sh"), "-C", str(folder)], folder)


def _d2lbook(folder: Path) -> None:
    for framework in config.load(folder).frameworks:
        d2lbook_runner.evaluate(folder, framework.name)
    d2lbook_runner.html(folder)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stdout}{done.stderr}")


def _seconds(action: Callable[[], None]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


def _print(*columns: str) -> None:
    sys.stdout.write("| " + " | ".join(f"{one:<16}" for one in columns) + " |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
