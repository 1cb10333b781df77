"""``./build.sh lib`` writes the bytes that ``d2lbook build lib`` writes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tabbook.base import config as configuration
from tabbook.base.config import FILE_NAME
from tabbook.base.errors import BookError
from tabbook.cli.main import main
from tabbook.source import book
from tabbook.source.cells import saved_code
from tests.support import d2lbook_runner as d2lbook
from tests.support.books import MakeBook, write_files
from tests.support.paths import ROOT

CONFIG = """[project]
title = Saved
release = 1.2.3
[build]
notebooks = *.md chapter_*/*.md
tabs = alpha, beta
eval_notebook = False
[library]
version_file = lib/__init__.py
save_patterns = lib/alone.py, beta
[library-alpha]
lib_file = lib/alpha.py
lib_name = torch
alias = nn_Module = nn.Module
simple_alias = ones, zeros -> empty, matmul(
fluent_alias = reshape, numpy -> detach().numpy
args_alias = rest(a_x, a_y) -> a_x %% a_y
[library-beta]
lib_file = beta.py
"""
TWO = """# Two

```{.python .input}
%%tab all
@d2l.add_to_class(Net)  #@save
def more(self, x):
    return d2l.ones(x)
```

```{.python .input}
def not_saved():
    pass
```
"""
ONE = '''# One
:label:`sec_one`

Text.

```{.python .input}
%%tab all
import sys  #@save
from b import c
import a  #@save

x = 1
```

More.

```{.python .input}
%%tab all
class Net(d2l.Module):  #@save
    """A net, 網."""
    def __init__(self):
        super().__init__()

    def one(self):
        """Return one."""
        return d2l.ones(1)

Net()
```

```{.python .input}
%%tab alpha
def f(x):  #@save
    if tab.selected('alpha'):
        return x

    return 2
f(1)
```

```{.python .input}
%%tab beta
def f(x):  #@save
    """Do."""
    return 3
```
'''
HEADER = "import torch\n\nd2l = sys.modules[__name__]\n\n"
WARNING = "#################   WARNING   ################\n# old\n"
FILES = {
    FILE_NAME: CONFIG,
    "index.md": "# Book\n\n```toc\n:maxdepth: 2\n\nchapter_b/two\nchapter_a/index\n"
    "```\n\n```{.python .input}\n%%tab all\nroot = 1  #@save\n```\n",
    "chapter_a/index.md": "# A\n\n```toc\nsub/three\none\n```\n",
    "chapter_a/sub/three.md": ONE.replace("Net", "Other").replace("sec_one", "sec_3"),
    "chapter_a/one.md": ONE,
    "chapter_b/two.md": TWO.replace("Net", "int").replace("@d2l.add", "#"),
    "chapter_b/unlisted.md": ONE,
    "lib/alpha.py": HEADER + WARNING,
    "lib/__init__.py": 'import a\n__version__ = "0"\n',
}
WRITTEN = ("beta.py", "lib/__init__.py", "lib/alone.py", "lib/alpha.py")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "book"
    write_files(folder, FILES)
    return folder


def written(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in WRITTEN}


def test_files_have_the_bytes_of_d2lbook(folder: Path) -> None:
    text = FILES["chapter_a/one.md"] + TWO.replace("# Two", "## Two")
    write_files(folder, {"chapter_a/one.md": text})
    other = shutil.copytree(folder, folder.with_name("other"))
    d2lbook.saved_code(other, "alpha")
    assert main(["-C", str(folder), "lib"]) == 0
    assert written(folder) == written(other)
    alpha = (folder / "lib/alpha.py").read_text("utf-8")
    assert alpha.startswith(HEADER)
    assert "# old" not in alpha
    assert "ones = torch.ones" in alpha
    assert "\n    def more(self, x):\n" in alpha
    assert '__version__ = "1.2.3"' in (folder / "lib/__init__.py").read_text("utf-8")


def test_second_run_changes_nothing(folder: Path) -> None:
    assert main(["-C", str(folder), "lib"]) == 0
    before = written(folder)
    assert main(["-C", str(folder), "lib"]) == 0
    assert written(folder) == before


def test_byte_order_mark_and_missing_last_line_break_do_no_harm(folder: Path) -> None:
    main(["-C", str(folder), "lib"])
    expected = written(folder)
    for name in ("index.md", "chapter_a/one.md"):
        text = "\ufeff" + FILES[name].rstrip("\n").replace("\n", "\r\n")
        (folder / name).write_bytes(text.encode())
    main(["-C", str(folder), "lib"])
    assert written(folder) == expected


def test_files_are_utf_8_in_any_locale(folder: Path) -> None:
    command = [sys.executable, "-X", "utf8=0", "-P", "-m", "tabbook", "lib"]
    variables = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=folder, env={**os.environ, **variables}, check=True)
    assert '"""A net, 網.' in (folder / "beta.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (TWO, r"chapter_b/two\.md:5: .*the class 'Net', which is not saved above it"),
        (
            ONE + "```{.python .input}\n%%tab all\ny = 1  #@save\n"
            "@d2l.add_to_class(Net)  #@save\ndef g(self):\n    pass\n```\n",
            r"chapter_b/two\.md: beta: .*in a cell of its own",
        ),
    ],
)
def test_code_that_d2lbook_cannot_save_leaves_every_file(
    folder: Path, section: str, message: str
) -> None:
    write_files(
        folder, {"chapter_b/two.md": section, "beta.py": "", "lib/alone.py": ""}
    )
    before = written(folder)
    with pytest.raises(BookError, match=message):
        saved_code.write(book.load(configuration.load(folder)))
    assert written(folder) == before


def test_advice_on_a_class_that_is_not_saved_works(folder: Path) -> None:
    net = "```{.python .input}\n%%tab all\nclass Net:  #@save\n    pass\n```\n"
    write_files(folder, {"chapter_b/two.md": f"# Two\n\n{net}\n{TWO}"})
    assert main(["-C", str(folder), "lib"]) == 0


@pytest.mark.parametrize(
    ("library", "message"),
    [
        ("", r"config\.ini: names no file for saved code.*\[library-NAME\]"),
        ("[library-alpha]\nlib_name = a\n", r"config\.ini:5: .*lib_file is missing"),
        (
            "[library]\nsave_filename = a.py\nsave_mark = @save\n",
            r"config\.ini:6: .*save_patterns = FILE, NAME",
        ),
        ("[library]\nroot_dir = a\n", r"config\.ini:6: .*root_dir is no longer read"),
        (
            "[library-alpha]\nlib_file = a.py\n[library]\nversion_file = v.py\n",
            r"config\.ini:8: .*there is no such file",
        ),
    ],
)
def test_configuration_without_a_file_is_refused(
    make_book: MakeBook, library: str, message: str
) -> None:
    text = "[project]\nrelease = 1\n[build]\ntabs = alpha\n" + library
    with pytest.raises(BookError, match=message):
        saved_code.write(book.load(make_book({"index.md": "# Book\n"}, text)))


def test_advice_on_an_old_configuration_works(make_book: MakeBook) -> None:
    text = "[build]\ntabs = alpha\n[library]\nsave_patterns = a.py, alpha\n"
    config = make_book({"index.md": "# Book\n"}, text)
    assert saved_code.write(book.load(config)) == [config.root / "a.py"]
