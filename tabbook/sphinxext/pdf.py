"""A framework's book as PDF: Sphinx's LaTeX, set by XeLaTeX in Noto's CJK faces."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.transforms.post_transforms.images import ImageConverter
from sphinx.util import texescape

from tabbook.base import files
from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.base.translations import texts
from tabbook.sphinxext import books

TOOLS = {
    "latexmk": ("latexmk",),
    "xelatex": ("texlive-xetex",),
    "rsvg-convert": ("librsvg2-bin",),
    "fc-list": ("fontconfig",),
}
"""The programs that a PDF needs, with the Debian packages that have them."""
STYLES = {"titlesec.sty": ("texlive-latex-extra",)}
"""Files of TeX that are not where TeX is, and their packages."""
FONTS = {"Noto Serif CJK JP": ("fonts-noto-cjk",)}

PATIENCE = 600
"""Seconds one run of TeX, or the drawing of one figure, may take."""

REGIONS = {"ko": "KR", "zh": "SC"}
"""Whose forms of the letters a language wants; Japan's where it does not say."""

PREAMBLE = r"""
\XeTeXlinebreaklocale "%(language)s"
\XeTeXlinebreakskip=0pt plus 0.1em
\emergencystretch=2em
\setlength{\headheight}{14pt}
\protected\def\sphinxcrossref#1{#1}
\raggedbottom
\renewcommand{\contentsname}{%(contents)s}
\titleformat{\chapter}[hang]{\sffamily\bfseries\huge}{\thechapter}{1em}{}
\titlespacing*{\chapter}{0pt}{0pt}{24pt}
\renewcommand{\chaptermark}[1]{\markboth{\ifnum\value{secnumdepth}>-1
  \thechapter\quad\fi #1}{}}
\captionsetup{labelformat=empty,labelsep=none,font=small}
\hypersetup{pdftitle={%(title)s},pdfauthor={%(author)s},pdflang={%(language)s},
  bookmarksnumbered,bookmarksopenlevel=1}
"""

FACES = r"""
\setmainfont{Noto Serif CJK %(region)s}[AutoFakeSlant=0.15]
\setsansfont{Noto Sans CJK %(region)s}[AutoFakeSlant=0.15]
\setmonofont{Noto Sans Mono CJK %(region)s}[AutoFakeSlant=0.15]
"""

TITLE = r"""
\begin{titlepage}
\sffamily
\vspace*{0.18\textheight}
{\bfseries\fontsize{34}{44}\selectfont %(title)s\par}
\vspace{1.5em}
{\LARGE %(label)s\par}
\vspace{0.6em}
{%(versions)s\par}
\vspace{4em}
{\Large %(author)s\par}
\vfill
{\small %(release)s\par\copyright\ %(copyright)s\par}
\end{titlepage}
"""

SETUP = (
    "hmargin={25mm,25mm},vmargin={25mm,28mm},verbatimforcewraps=true,"
    "verbatimwithframe=false,VerbatimColor={RGB}{246,248,250},"
    "TitleColor={RGB}{29,37,45},InnerLinkColor={RGB}{23,85,127},"
    "OuterLinkColor={RGB}{23,85,127},verbatimhintsturnover=false"
)

UNNUMBERED, NUMBERED = (
    nodes.raw("", rf"\setcounter{{secnumdepth}}{{{depth}}}", format="latex")
    for depth in (-1, 2)
)
"""Whether the chapters from here on have numbers."""

LACKING = re.compile(r"Missing character: There is no (\S+)")
UNDEFINED = re.compile(r"(?:Reference|Citation|Hyper reference) `([^']+)'.* undefined")
WRONG = re.compile(r"^(?:! .*|[^\n:]+:\d+: .*)$", re.M)


def pdf(config: Config, framework: Framework) -> Path:
    """Make a framework's PDF from the committed notebooks; no kernel starts.

    :returns: ``_build/pdf/NAME.pdf``.
    :raises BookError: a program is missing, an output is stale, or TeX fails; the last
        PDF stays as it was.
    """
    demand()
    with books.scratch(config, "pdf", framework) as work:
        folder = books.render(
            config, framework, "latex", work, _settings(config, framework)
        )
        made = _typeset(folder / f"{framework.name}.tex")
        _check((folder / f"{framework.name}.log"), config)
        return files.publish(made, config.output / "pdf" / made.name)


def demand() -> None:
    """Say which Debian packages have to be installed before a PDF can be made.

    :raises BookError: something is missing.
    """
    missing = {name: TOOLS[name] for name in TOOLS if not shutil.which(name)}
    if "xelatex" not in missing:
        missing |= {
            name: STYLES[name] for name in STYLES if not _said("kpsewhich", name)
        }
    if "fc-list" not in missing:
        missing |= {name: FONTS[name] for name in FONTS if not _said("fc-list", name)}
    elif missing:
        missing |= STYLES | FONTS
    if missing:
        packages = dict.fromkeys(one for names in missing.values() for one in names)
        raise BookError(
            f"a PDF cannot be made without {', '.join(missing)}; as root: apt-get "
            f"install --no-install-recommends {' '.join(packages)}"
        )


def setup(app: Sphinx) -> None:
    """Register what only the LaTeX of a book asks for."""
    app.connect("builder-inited", _add_matter)
    app.add_post_transform(Anchors)
    app.add_post_transform(Drawing)


def _add_matter(app: Sphinx) -> None:
    if app.builder.format == "latex":
        app.add_transform(Matter)


class Matter(SphinxTransform):
    """Make of the root page a preface, numbered chapters and what follows them."""

    default_priority = 875

    def apply(self, **kwargs: object) -> None:
        """Take the toctrees out of their sections, and count what they list alone."""
        if self.env.docname != self.config.root_doc:
            return
        whole = self.document.next_node(nodes.section)
        if whole is None:
            return
        name = texts(self.config.language, "pdf")["preface"]
        before = nodes.section("", nodes.title(name, name), ids=["preface"])
        made: list[nodes.Node] = []
        for child in list(whole.children[1:]):
            found = _toctrees(child)
            if found:
                made += [part for one in found for part in _counted(one)]
            elif made:
                made.append(child)
            else:
                before += child
        whole[1:] = [UNNUMBERED.deepcopy(), before, *made]


class Anchors(SphinxPostTransform):
    """Give links something to lead to, and equations the numbers of the text."""

    default_priority = 900
    formats = ("latex",)

    def run(self, **kwargs: object) -> None:
        """Write numbers into formulas, and targets where words have a name."""
        for node in self.document.findall(nodes.math_block):
            if number := node.get("number"):
                text = f"{node.astext()}\\tag{{{number}}}"
                node[:] = [nodes.Text(text)]
        for node in list(self.document.findall(nodes.inline)):
            if node["ids"]:
                node.insert(0, nodes.target("", "", ids=node["ids"]))


class Drawing(ImageConverter):
    """Turns SVG into PDF, which stays sharp."""

    conversion_rules = [("image/svg+xml", "application/pdf")]  # noqa: RUF012

    def is_available(self) -> bool:
        """Return whether the program is there."""
        return shutil.which("rsvg-convert") is not None

    def convert(
        self, _from: str | os.PathLike[str], _to: str | os.PathLike[str]
    ) -> bool:
        """Draw one figure.

        :raises BookError: it is not drawn.
        """
        _run(["rsvg-convert", "-f", "pdf", "-o", str(_to), str(_from)], Path.cwd())
        return True


def _settings(config: Config, framework: Framework) -> dict[str, Any]:
    """Return what Sphinx's LaTeX is told."""
    root = config.index
    told = _told(config, framework)
    return {
        "latex_engine": "xelatex",
        "latex_docclass": {"manual": "report"},
        "latex_documents": [
            (root, f"{framework.name}.tex", told["title"], told["author"], "manual")
        ],
        "latex_show_urls": "no",
        "latex_elements": {
            "papersize": "a4paper",
            "pointsize": "10pt",
            "extraclassoptions": "openany,oneside",
            "polyglossia": "",
            "fncychap": "",
            "fontpkg": FACES % told,
            "extrapackages": r"\usepackage{caption}",
            "figure_align": "H",
            "sphinxsetup": SETUP,
            "fvset": r"\fvset{fontsize=\footnotesize}",
            "preamble": PREAMBLE % told,
            "maketitle": TITLE % told,
            "makeindex": "",
            "printindex": "",
        },
        "nb_mime_priority_overrides": [("latex", "image/svg+xml", 1)],
        "pygments_style": "tabbook.sphinxext.colours.Colours",
        "today": "-",
    }


def _told(config: Config, framework: Framework) -> dict[str, str]:
    """Return what the book says of itself, as TeX reads it."""
    said = {
        "title": config.title,
        "label": framework.label,
        "versions": books.versions(config, framework),
        "author": config.author,
        "copyright": config.copyright,
        "release": config.release,
        "contents": texts(config.language, "pdf")["contents"],
        "language": config.language,
        "region": REGIONS.get(config.language[:2], "JP"),
    }
    texescape.init()
    return {name: texescape.escape(text, "xelatex") for name, text in said.items()}


def _toctrees(node: nodes.Node) -> list[nodes.Node]:
    """Return the tables of contents that a part of the root page is made of."""
    if not isinstance(node, nodes.Element):
        return []
    return [
        one.parent if isinstance(one.parent, nodes.compound) else one
        for one in node.findall(addnodes.toctree)
    ]


def _counted(toctree: nodes.Node) -> list[nodes.Node]:
    found = toctree.next_node(addnodes.toctree, include_self=True)
    depth = NUMBERED if found is not None and found.get("numbered") else UNNUMBERED
    return [depth.deepcopy(), toctree, UNNUMBERED.deepcopy()]


def _typeset(source: Path) -> Path:
    """Run TeX as often as it takes; return the PDF.

    :raises BookError: TeX fails.
    """
    options = ["-norc", "-xelatex", "-interaction=nonstopmode", "-halt-on-error"]
    options += ["-file-line-error", "-latexoption=-no-shell-escape"]
    try:
        _run(["latexmk", *options, source.name], source.parent)
    except BookError as error:
        log = source.with_suffix(".log")
        text = log.read_text("utf-8", "replace") if log.exists() else ""
        reason = next(iter(WRONG.findall(text)), str(error))
        raise BookError(
            f"TeX cannot set the book: {reason}; {log} says more. The last PDF stays "
            "as it was."
        ) from error
    return source.with_suffix(".pdf")


def _check(log: Path, config: Config) -> None:
    """Look into TeX's log for what readers would miss.

    :raises BookError: a letter is in no face, or a reference leads nowhere.
    """
    text = log.read_text("utf-8", "replace")
    found = {
        "missing-letter": ("no face has the letters", LACKING.findall(text)),
        "unresolved-reference": ("nothing is called", UNDEFINED.findall(text)),
    }
    for name, (what, ones) in found.items():
        if ones and name not in config.silenced:
            listed = ", ".join(repr(one) for one in dict.fromkeys(ones))
            raise BookError(
                f"the PDF is not as it should be: {what} {listed}; write something "
                f"else, or silence it by its name [{name}]"
            )


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _run(command: list[str], folder: Path) -> None:
    """Run a program to its end.

    :raises BookError: it fails, or takes too long.
    """
    with books.dated() as environment:
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, errors="replace", timeout=PATIENCE,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise BookError(
                f"`{' '.join(command)}` was stopped after {PATIENCE} s"
            ) from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise BookError(f"`{' '.join(command)}` failed: {said[-2000:]}")
