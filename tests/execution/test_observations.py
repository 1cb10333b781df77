"""What a run tells the author: unstable outputs, long ones, missing packages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tabbook.cli import main as cli
from tabbook.execution.forkserver.servers import close_servers
from tests.support.book_of_cells import BookOfCells, make
from tests.support.books import MakeBook

pytestmark = pytest.mark.long

RANDOM = "import random\n\nprint(random.random())"
TENSORFLOW = """import sys

print("2026-01-02 03:04:05.678901: I tensorflow/core/util/port.cc:153] oneDNN custom "
      "operations are on.", file=sys.stderr)"""


@pytest.fixture
def tiny(make_book: MakeBook, light_environments: None) -> Iterator[BookOfCells]:
    yield make(make_book)
    close_servers()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("object()", "shows an address, .*: '<object at 0x.*a type or a shape"),
        ("import time\n\ntime.time()", "shows a time"),
        ("import datetime\n\nprint(datetime.datetime.now())", "shows a time"),
        ("%time sum(range(10**6))", "shows a time"),
        ("import uuid\n\nuuid.uuid4()", "shows a UUID"),
        ("import tempfile\n\ntempfile.mkdtemp()", "shows a temporary path"),
        (TENSORFLOW, r"\[framework-left\] variables .*TF_CPP_MIN_LOG_LEVEL=3"),
    ],
)
def test_unstable_output_is_a_warning_with_its_line(
    tiny: BookOfCells, code: str, message: str
) -> None:
    tiny.write("print('stable')", code)
    assert tiny.run().failure is None
    (problem,) = tiny.warnings
    place = (problem.path, problem.line, problem.name, problem.severity)
    assert place == ("chapter_a/one.md", tiny.line(1), "unstable-output", "warning")
    assert re.search(message, problem.message), problem.message


@pytest.mark.parametrize(
    "code",
    [
        "0xdeadbeef, hex(255), 1.5e9, '12:30', 3.14159265",
        "import os\n\nos.getcwd(), '/tmp/x'",
        "import datetime\n\ndatetime.timedelta(seconds=5)",
        "print('\\n' * 150)",
    ],
)
def test_stable_output_is_no_warning(tiny: BookOfCells, code: str) -> None:
    tiny.write(code)
    tiny.run()
    assert tiny.warnings == []


def test_long_output_is_a_warning(tiny: BookOfCells) -> None:
    tiny.write("for i in range(500):\n    print(i)")
    tiny.run()
    (problem,) = tiny.warnings
    assert (problem.line, problem.name) == (tiny.line(0), "long-output")
    assert "prints 500 lines" in problem.message


def test_second_run_names_each_cell_that_differs(
    tiny: BookOfCells, capfd: pytest.CaptureFixture[str]
) -> None:
    tiny.write("print(1)", RANDOM, "import os\n\nprint(os.getpid() * 1.5)")
    assert cli.main(["-C", str(tiny.root), "run", "--twice"]) == 0
    printed = capfd.readouterr().err
    for index in (1, 2):
        place = (
            f"chapter_a/one.md:{tiny.line(index)}: warning: [Left] the output changes"
        )
        assert place in printed
    assert printed.count("from run to run: seed the generators") == 2
    tiny.write("print(1)")
    assert cli.main(["-C", str(tiny.root), "run", "--twice"]) == 0
    assert capfd.readouterr().err == ""
    assert tiny.problems() == []


def test_missing_package_names_the_file_and_the_command(
    tiny: BookOfCells, capfd: pytest.CaptureFixture[str]
) -> None:
    tiny.write("import no_such_package")
    assert cli.main(["-C", str(tiny.root), "run"]) == 1
    printed = capfd.readouterr().err
    assert (
        f"chapter_a/one.md:{tiny.line(0)}: error: [Left] ModuleNotFoundError" in printed
    )
    assert "add it to environments/left.in and run " in printed
    assert "pin --framework left; if it is a file of the book" in printed
