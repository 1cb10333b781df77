"""Outputs that change after they were shown are stored as readers see them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tabbook.execution.forkserver.servers import close_servers
from tests.support.book_of_cells import BookOfCells, make
from tests.support.books import MakeBook

pytestmark = pytest.mark.long

DISPLAY = "from IPython.display import clear_output, display\n\n"
UPDATED_LATER = (
    # Streams before and after the display are stored as one output: its position moves.
    DISPLAY + "import sys\n\nprint('a')\nprint('e', file=sys.stderr)\nprint('b')\n"
    "spot = display('waiting', display_id=True)",
    "again = display('waiting', display_id=spot.display_id)",
    "spot.update('finished')",
)
CLEARED = DISPLAY + "print('gone')\nclear_output()\nprint('kept')"
CLEARED_WHEN_NEXT = (
    DISPLAY + "for step in range(3):\n    clear_output(wait=True)\n    print(step)"
)
CLEARED_IN_THE_END = DISPLAY + "print('kept')\nclear_output(wait=True)"
CLEARED_DISPLAY = (
    DISPLAY + "one = display('one', display_id=True)\nclear_output()\nprint('rest')",
    "one.update('two')",
)
PROGRESS = """import sys
import time

for done in range(0, 101, 10):
    for stream in (sys.stdout, sys.stderr):
        print(f'\\r{done}%', end='', file=stream, flush=True)
    time.sleep(0.01)
print()"""


@pytest.fixture
def tiny(make_book: MakeBook, light_environments: None) -> Iterator[BookOfCells]:
    yield make(make_book)
    close_servers()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (UPDATED_LATER, ["a\nb\ne\n'finished'", "'finished'", ""]),
        ((CLEARED,), ["kept\n"]),
        ((CLEARED_WHEN_NEXT,), ["2\n"]),
        ((CLEARED_IN_THE_END,), ["kept\n"]),
        (CLEARED_DISPLAY, ["rest\n", ""]),
        ((PROGRESS,), ["100%\n100%"]),
    ],
)
def test_outputs_are_those_that_readers_see_in_the_end(
    tiny: BookOfCells, cells: tuple[str, ...], expected: list[str]
) -> None:
    tiny.write(*cells)
    assert tiny.run().failure is None
    assert tiny.texts() == expected
    assert tiny.problems() == []


def test_display_that_is_not_updated_any_more_differs(tiny: BookOfCells) -> None:
    tiny.write(*UPDATED_LATER)
    tiny.run()
    committed = json.loads(tiny.notebook_file.read_text("utf-8"))
    shown = committed["cells"][1]["outputs"][-1]["data"]
    assert shown == {"text/plain": ["'finished'"]}
    shown["text/plain"] = ["'waiting'"]
    tiny.notebook_file.write_text(json.dumps(committed), "utf-8")
    assert tiny.problems() == [(tiny.line(0), "changed-output")]
