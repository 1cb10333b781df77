"""A book in JupyterLab, driven in a browser as its author does."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tabbook.base.engine import REPOSITORY
from tests.support.books import write_files
from tests.support.browser import browser

__all__ = ["browser"]

SOURCE = """# First
:label:`sec_first`

```{.python .input}
%load_ext d2lbook.tab
tab.interact_select(['left', 'right'])
```

Words of *all*.

```{.python .input}
%%tab left
print('left runs', 40 + 2)
```

~~~{.python .input  n=3}
# @tab right
print('right runs', 40 + 3)
~~~


:begin_tab:`left`
Words of left.
:end_tab:
"""

FILES = {
    "config.ini": "[project]\ntitle = Book\nlang = en\n[build]\ntabs = left, right\n"
    "notebooks = index.md chapter_*/*.md\n"
    "[framework-left]\nlabel = Left\n[framework-right]\nlabel = Right\n",
    "index.md": "# Book\n\n```toc\nchapter_a/first\n```\n",
    "chapter_a/first.md": SOURCE,
    "environments/left.txt": "ipykernel==7.4.0\n",
    "environments/right.txt": "ipykernel==7.4.0\n",
}

START = """
import sys
from tabbook.cli.main import main
from tabbook.environments import venv
from tests.support.light import install_light
install = venv.install
venv.install = lambda made, *rest: (
    install if made.name == "lab" else install_light)(made, *rest)
sys.exit(main(sys.argv[1:]))
"""
"""The command, with environments that are links to this interpreter."""

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/lab\?token=\w+")

SLOW = 60_000
"""Milliseconds in which a loaded machine starts a kernel or JupyterLab's page."""


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Serve a book; yield its folder and the address."""
    write_files(tmp_path, FILES)
    command = [sys.executable, "-c", START, "-C", str(tmp_path)]
    with subprocess.Popen(
        [*command, "lab", "--no-browser", "--port", str(free_port())],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as process:
        log = []
        assert process.stderr
        for line in process.stderr:
            log.append(line)
            if match := ADDRESS.search(line):
                break
        else:
            raise AssertionError("".join(log))
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield tmp_path, match[0]
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(120)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def choose_kernel(page: Page, label: str) -> None:
    """Let the notebook run in another kernel."""
    page.locator(".jp-Toolbar-kernelName").click()
    page.locator(".jp-Dialog select").select_option(label=label)
    page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(page.locator(".jp-Toolbar-kernelName")).to_have_text(label, timeout=SLOW)


def run_all(page: Page, label: str) -> Locator:
    """Run all cells once the kernel has started; return their outputs."""
    expect(page.get_by_text(f"{label} | Idle")).to_be_visible(timeout=SLOW)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    return page.locator(".jp-OutputArea-output")


@pytest.mark.browser
@pytest.mark.slow
def test_source_is_edited_and_run_in_two_kernels(
    lab: tuple[Path, str], browser: Browser
) -> None:
    root, address = lab
    source = root / "chapter_a/first.md"
    page = browser.new_page()
    page.set_default_timeout(SLOW)
    page.goto(address.replace("/lab?", "/lab/tree/chapter_a/first.ipynb?"))
    cells = page.locator(".jp-Notebook .jp-Cell")
    expect(cells).to_have_count(6, timeout=SLOW)
    expect(page.locator(".jp-Toolbar-kernelName")).to_have_text("Left", timeout=SLOW)
    expect(run_all(page, "Left")).to_have_text(
        ["left runs 42", "This cell is for Right: choose that kernel to run it."],
        timeout=SLOW,
    )
    choose_kernel(page, "Right")
    expect(run_all(page, "Right")).to_have_text(
        ["This cell is for Left: choose that kernel to run it.", "right runs 43"],
        timeout=SLOW,
    )
    unsaved = page.locator(".lm-TabBar-tab.jp-mod-dirty")
    expect(unsaved).to_have_count(1, timeout=SLOW)
    page.keyboard.press("Control+s")
    expect(unsaved).to_have_count(0, timeout=SLOW)
    assert source.read_text("utf-8") == SOURCE
    # An edit reaches the source, outputs do not.
    editor = cells.nth(3).locator(".cm-content")
    editor.click()
    expect(editor).to_be_focused(timeout=SLOW)
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("\nx = 1")
    expect(editor).to_contain_text("x = 1", timeout=SLOW)
    expect(unsaved).to_have_count(1, timeout=SLOW)
    page.keyboard.press("Control+s")
    edited = SOURCE.replace(
        "print('left runs', 40 + 2)", "print('left runs', 40 + 2)\nx = 1"
    )
    expect(unsaved).to_have_count(0, timeout=SLOW)
    assert source.read_text("utf-8") == edited
    names = {path.name for path in root.rglob("*") if "_build" not in path.parts}
    assert not any("checkpoint" in name or name.endswith(".ipynb") for name in names)
    page.close()
