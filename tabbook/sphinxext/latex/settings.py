"""Configure Sphinx for LaTeX: XeLaTeX, Noto's CJK fonts, layout, title page."""

from __future__ import annotations

from typing import Any

from sphinx.util import texescape

from tabbook.base.config import Config, Framework
from tabbook.base.translations import texts
from tabbook.sphinxext.latex import formulas

REGIONS = {"ko": "KR", "zh": "SC"}
"""Variant of the CJK fonts by language; JP for every other language."""

PREAMBLE = r"""
\XeTeXlinebreaklocale "%(language)s"
\XeTeXlinebreakskip=0pt plus 0.1em
\emergencystretch=8em
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

CODE_BREAKS = r"""
\newXeTeXintercharclass\lowercaseclass
\newXeTeXintercharclass\uppercaseclass
\newcount\letter
\letter=`a \loop\XeTeXcharclass\letter=\lowercaseclass
  \ifnum\letter<`z \advance\letter by 1 \repeat
\letter=`A \loop\XeTeXcharclass\letter=\uppercaseclass
  \ifnum\letter<`Z \advance\letter by 1 \repeat
\XeTeXinterchartoks\lowercaseclass\uppercaseclass={\penalty1000 }
\let\unbrokenupquote\sphinxupquote
\protected\def\sphinxupquote#1{{%
  \XeTeXinterchartokenstate=1
  \def\_{\discretionary{\char`\_}{}{\char`\_}}%
  \def\sphinxbreaksafteractivelist{%
    \do\.\do\,\do\;\do\?\do\!\do\/\do\(\do\[\do\=\do\:}%
  \unbrokenupquote{#1}}}
"""
"""Breaks of code in text that Sphinx omits: after ``_ ( [ = :``; at last in ``aB``."""

FONTS = r"""
\setmainfont{Noto Serif CJK %(region)s}[AutoFakeSlant=0.15]
\setsansfont{Noto Sans CJK %(region)s}[AutoFakeSlant=0.15]
\setmonofont{Noto Sans Mono CJK %(region)s}[AutoFakeSlant=0.15]
"""

TITLE_PAGE = r"""
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

SPHINX_STYLE = (
    "hmargin={25mm,25mm},vmargin={25mm,28mm},verbatimforcewraps=true,"
    "verbatimwithframe=false,VerbatimColor={RGB}{246,248,250},"
    "TitleColor={RGB}{29,37,45},InnerLinkColor={RGB}{%(colour)s},"
    "OuterLinkColor={RGB}{%(colour)s},verbatimhintsturnover=false"
)


def settings(config: Config, framework: Framework, versions: str) -> dict[str, Any]:
    """Return Sphinx's settings for the LaTeX of a framework's edition.

    :param versions: the versions that produced the outputs, for the title page.
    """
    fields = _fields(config, framework, versions)
    document = fields["title"], fields["author"], "manual"
    return {
        "latex_engine": "xelatex",
        "latex_docclass": {"manual": "report"},
        "latex_documents": [(config.index, f"{framework.name}.tex", *document)],
        "latex_show_urls": "no",
        "latex_elements": {
            "papersize": "a4paper",
            "pointsize": "10pt",
            "extraclassoptions": "openany,oneside",
            "polyglossia": "",
            "fncychap": "",
            "fontpkg": FONTS % fields,
            "extrapackages": "\n".join([r"\usepackage{caption}", formulas.preamble()]),
            "figure_align": "H",
            "sphinxsetup": SPHINX_STYLE % {"colour": _rgb(config.colour)},
            "fvset": r"\fvset{fontsize=\footnotesize}",
            "preamble": PREAMBLE % fields + CODE_BREAKS,
            "maketitle": TITLE_PAGE % fields,
            "makeindex": "",
            "printindex": "",
        },
        "nb_mime_priority_overrides": [("latex", "image/svg+xml", 1)],
        "pygments_style": "tabbook.sphinxext.latex.colours.Colours",
        "today": "-",
    }


def _rgb(colour: str) -> str:
    """Return a colour such as ``#17557f`` as TeX's ``23,85,127``."""
    return ",".join(str(part) for part in bytes.fromhex(colour.removeprefix("#")))


def _fields(config: Config, framework: Framework, versions: str) -> dict[str, str]:
    """Return the fields of the templates, escaped for TeX."""
    fields = {
        "title": config.title,
        "label": framework.label,
        "versions": versions,
        "author": config.author,
        "copyright": config.copyright,
        "release": config.release,
        "contents": texts(config.language, "pdf")["contents"],
        "language": config.language,
        "region": REGIONS.get(config.language[:2], "JP"),
    }
    texescape.init()
    return {name: texescape.escape(text, "xelatex") for name, text in fields.items()}
