"""Configure Sphinx for LaTeX: XeLaTeX, Noto's CJK fonts, layout, title page."""

from __future__ import annotations

from typing import Any

from sphinx.util import texescape

from tabbook.base.config import Config, Framework
from tabbook.base.translations import texts
from tabbook.sphinxext.latex import alternatives, formulas, terms

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
\hypersetup{pdftitle={%(edition)s},pdfauthor={%(author)s},pdflang={%(language)s},
  bookmarksnumbered,bookmarksopenlevel=1,pdfdisplaydoctitle}
\renewcommand{\sphinxheadercomma}{\quad}
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

OUTPUTS = r"""
\newenvironment{sphinxclasscell_output}{\tabbookoutput{203,210,217}}{}
\newenvironment{sphinxclassstderr}{\tabbookoutput{180,83,9}}{}
\newcommand{\tabbookoutput}[1]{\sphinxsetup{VerbatimColor={RGB}{255,255,255},
  VerbatimBorderColor={RGB}{#1},verbatimwithframe=true,
  pre_border-width=0pt,pre_border-left-width=2pt,pre_border-radius=0pt,
  pre_padding-left=6pt}}
"""
"""What cells printed has a line at its left in place of the ground of code."""

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
{\small %(release)s\par %(date)s\par\copyright\ %(copyright)s\par}
\end{titlepage}
"""

SPHINX_STYLE = (
    "hmargin={25mm,25mm},vmargin={25mm,28mm},verbatimforcewraps=true,"
    "verbatimwithframe=false,VerbatimColor={RGB}{246,248,250},"
    "TitleColor={RGB}{29,37,45},InnerLinkColor={RGB}{%(colour)s},"
    "OuterLinkColor={RGB}{%(colour)s},verbatimhintsturnover=false"
)


def settings(
    config: Config, framework: Framework, title: str, versions: str, date: str
) -> dict[str, Any]:
    """Return Sphinx's settings for the LaTeX of a framework's edition.

    :param title: the title of the edition, which viewers show.
    :param versions: the versions that produced the outputs, for the title page.
    :param date: the date of the title page; empty for none.
    """
    edition = {"edition": title, "versions": versions, "date": date}
    fields = _escaped(_fields(config, framework) | edition)
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
            "preamble": "".join(
                (
                    PREAMBLE % fields,
                    CODE_BREAKS,
                    OUTPUTS,
                    alternatives.MACROS,
                    terms.MACROS,
                )
            ),
            "maketitle": TITLE_PAGE % fields,
            "makeindex": "",
            "printindex": "",
        },
        "nb_mime_priority_overrides": [("latex", "image/svg+xml", 1)],
        "pygments_style": "tabbook.sphinxext.latex.colours.Colours",
        "tabbook_reading": texts(config.language, "pdf")["reading"].format(
            label=framework.label, versions=versions
        ),
        "today": "-",
    }


def _rgb(colour: str) -> str:
    """Return a colour such as ``#17557f`` as TeX's ``23,85,127``."""
    return ",".join(str(part) for part in bytes.fromhex(colour.removeprefix("#")))


def _fields(config: Config, framework: Framework) -> dict[str, str]:
    """Return the templates' values of the book and the framework."""
    return {
        "title": config.title,
        "label": framework.label,
        "author": config.author,
        "copyright": config.copyright,
        "release": config.release,
        "contents": texts(config.language, "pdf")["contents"],
        "language": config.language,
        "region": REGIONS.get(config.language[:2], "JP"),
    }


def _escaped(fields: dict[str, str]) -> dict[str, str]:
    """Return the fields of the templates, escaped for TeX."""
    texescape.init()
    return {name: texescape.escape(text, "xelatex") for name, text in fields.items()}
