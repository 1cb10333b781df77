"""Everything that differs is shown at once, and the advice is followed with success."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from tabbook.cli import main as cli
from tabbook.execution.forkserver.servers import close_servers
from tests.support.book_of_cells import BookOfCells, make
from tests.support.books import MakeBook

pytestmark = pytest.mark.long

FROM_FILE = "exec(open('../data/code{}.py').read())"
DRAW = (
    "from IPython.display import display\n"
    "display({{'{kind}': {content!r}}}, raw=True)\n"
)
OLD_SVG, NEW_SVG = (f"<svg><g id='{name}'/></svg>" for name in ("old", "new"))
OLD_PNG, NEW_PNG = (
    base64.b64encode(f"png {name}".encode()).decode() for name in ("old", "new")
)
LONG = "print('x' * 1000 + {!r} + 'y' * 1000)"
BEFORE = (
    "print(1)\nprint('same')",
    DRAW.format(kind="image/svg+xml", content=OLD_SVG),
    "print('kept')",
    DRAW.format(kind="image/png", content=OLD_PNG),
    LONG.format("old"),
)
AFTER = (
    "print(2)\nprint('same')",
    DRAW.format(kind="image/svg+xml", content=NEW_SVG),
    "print('kept')",
    DRAW.format(kind="image/png", content=NEW_PNG),
    LONG.format("new"),
)
RANDOM = "import random\nprint(random.random())"


@pytest.fixture
def tiny(make_book: MakeBook, light_environments: None) -> Iterator[BookOfCells]:
    """Return a book whose cells run what stands in files, so that outputs change."""
    tiny = make(make_book)
    tiny.write(*(FROM_FILE.format(at) for at in range(len(BEFORE))))
    set_code(tiny, *BEFORE)
    assert tiny.run().failure is None
    yield tiny
    close_servers()


def set_code(tiny: BookOfCells, *codes: str) -> None:
    for at, code in enumerate(codes):
        (tiny.root / f"data/code{at}.py").write_text(code, "utf-8")


def verify(tiny: BookOfCells) -> int:
    return cli.main(["-C", str(tiny.root), "verify"])


def follow(advice: str) -> int:
    """Run the command at the end of an advice; return its exit status."""
    command = shlex.split(advice.rpartition("./build.sh ")[2].partition(" [")[0])
    return cli.main(command)


def test_every_cell_that_differs_is_shown_at_once(tiny: BookOfCells) -> None:
    set_code(tiny, *AFTER)
    verdict = tiny.verify()
    assert [(problem.line, problem.name) for problem in verdict.problems] == [
        (tiny.line(0), "changed-output"),
        (tiny.line(1), "changed-picture"),
        (tiny.line(3), "changed-picture"),
        (tiny.line(4), "changed-output"),
    ]
    first, *_, last = (problem.message for problem in verdict.problems)
    assert "    -1\n    +2\n     same" in first
    assert re.search(r"-…x+oldy+…\n +\+…x+newy+…", last)
    assert max(map(len, last.splitlines())) < 180


def test_advice_settles_what_is_the_same_in_every_run(
    tiny: BookOfCells, capfd: pytest.CaptureFixture[str]
) -> None:
    set_code(tiny, *AFTER)
    assert verify(tiny) == 1
    advice = re.findall("If the code is right as it is: .*", capfd.readouterr().err)
    assert len(advice) == 4
    assert "--force" in advice[0]
    assert follow(advice[0]) == 0
    assert verify(tiny) == 0


def test_output_that_changes_by_itself_is_no_matter_of_force(
    tiny: BookOfCells, capfd: pytest.CaptureFixture[str]
) -> None:
    set_code(tiny, RANDOM, *BEFORE[1:-1], AFTER[-1])
    assert verify(tiny) == 1
    printed = capfd.readouterr().err
    unstable, settled = printed.split("[unstable-output]")
    assert f"chapter_a/one.md:{tiny.line(0)}: error" in unstable
    assert "changes by itself: seed the generators in the first cell" in unstable
    assert "--force" not in unstable
    assert f"chapter_a/one.md:{tiny.line(4)}: error" in settled
    assert "--force" in settled
    set_code(tiny, "import random\nrandom.seed(1)\n" + RANDOM)
    assert follow(unstable.splitlines()[-1] + " --force") == 0
    assert verify(tiny) == 0


def test_unstable_output_names_what_changes(tiny: BookOfCells) -> None:
    # The address is the same in two runs, as it may be in forked kernels.
    set_code(tiny, "print('<object object at 0x7f0245cc7080>')")
    (problem,) = tiny.verify().problems
    assert problem.name == "unstable-output"
    assert "it shows an address: print a value, a type or a shape" in problem.message


def test_pictures_stand_side_by_side_in_a_page(
    tiny: BookOfCells, capfd: pytest.CaptureFixture[str]
) -> None:
    set_code(tiny, *AFTER)
    verify(tiny)
    page = tiny.config.output / "verify/differences.html"
    assert f"pictures that differ, side by side: {page}" in capfd.readouterr().err
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    titles = [title.text for title in soup.find_all("h2")]
    assert titles == [f"chapter_a/one.md:{tiny.line(at)} [Left]" for at in (1, 3)]
    sources = [str(image["src"]).partition(",")[2] for image in soup.find_all("img")]
    decoded = [base64.b64decode(source).decode() for source in sources]
    assert decoded == [OLD_SVG, NEW_SVG, "png old", "png new"]
    set_code(tiny, *BEFORE)
    assert verify(tiny) == 0
    assert not page.exists()


def test_report_is_what_ci_services_read(tiny: BookOfCells) -> None:
    file = tiny.config.output / "verify/verify.xml"
    assert verify(tiny) == 0
    (case,) = ElementTree.parse(file).iter("testcase")
    assert (case.get("classname"), case.get("name")) == ("chapter_a/one", "Left")
    assert float(case.get("time", "0")) > 0
    assert list(case) == []
    set_code(tiny, "print('\\x1b[31m1 < 2\\x07')", *AFTER[1:2])
    assert verify(tiny) == 1
    suites = ElementTree.parse(file).getroot()
    assert (suites.get("tests"), suites.get("failures")) == ("2", "2")
    first, second = suites.iter("testcase")
    assert first.get("name") == f"Left chapter_a/one.md:{tiny.line(0)}"
    assert (first.get("file"), first.get("line")) == (
        "chapter_a/one.md",
        str(tiny.line(0)),
    )
    (failure,) = first.iter("failure")
    assert failure.get("type") == "changed-output"
    assert "1 < 2" in (failure.text or "")
    (failure,) = second.iter("failure")
    assert failure.get("type") == "changed-picture"
