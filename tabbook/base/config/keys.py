"""The keys of config.ini: section, name, kind, default and meaning, declared once.

``docs/configuration.md`` is generated from these declarations by ``reference``. The
keys of frameworks and editions are declared in ``repeated_keys``, those of libraries in
``library``.
"""

from __future__ import annotations

from typing import Any

from tabbook.base.config import kinds, repeated_keys
from tabbook.base.config.key import Key

NAME = Key(
    "project",
    "name",
    kinds.TEXT,
    "",
    "Short name for files that readers save; the folder's name by default.",
)
TITLE = Key("project", "title", kinds.TEXT, "", "The book's title.")
AUTHOR = Key("project", "author", kinds.TEXT, "", "The authors' names.")
COPYRIGHT = Key("project", "copyright", kinds.TEXT, "", "Year and owner.")
RELEASE = Key("project", "release", kinds.TEXT, "", "The version of the book.")
LANGUAGE = Key(
    "project",
    "lang",
    kinds.TEXT,
    "en",
    "Language tag of the text, such as `ja`.",
    inherited=False,
)
INDEX = Key(
    "build", "index", kinds.TEXT, "index", "Name of the root page, without `.md`."
)
PATTERNS = Key(
    "build", "notebooks", kinds.PATHS, "**/*.md", "Globs of the Markdown sources."
)
EXCLUSIONS = Key(
    "build",
    "exclusions",
    kinds.PATHS,
    "",
    "Globs of Markdown files that are no source.",
)
NON_NOTEBOOKS = Key(
    "build",
    "non-notebooks",
    kinds.PATHS,
    "",
    "Globs of further Markdown files that are no source.",
)
RESOURCES = Key(
    "build",
    "resources",
    kinds.PATHS,
    "",
    "Files and folders that cells may read.",
)
OUTPUT = Key(
    "build",
    "output_dir",
    kinds.OUTPUT,
    "_build",
    "Folder of the pages and of scratch files, inside the book's. The environment "
    "variable `TABBOOK_OUTPUT` names any other in its place. It has to be new or "
    "empty: a build marks it, and deletes only what it wrote, as `clean` does.",
    inherited=False,
)
TABS = Key(
    "build",
    "tabs",
    kinds.TABS,
    "",
    "Names of the frameworks, separated by commas; readers see the first by default. "
    "A framework that has a section below and is not listed is left out everywhere. "
    "Without tabs the book has one framework, `python`.",
)
LOGO = Key("html", "html_logo", kinds.INSIDE, "", "The pages' logo.")
FAVICON = Key("html", "favicon", kinds.INSIDE, "", "The pages' icon in browsers.")
STYLES = Key(
    "html", "include_css", kinds.PATHS_INSIDE, "", "The book's own style sheets."
)
SCRIPTS = Key(
    "html",
    "include_js",
    kinds.PATHS_INSIDE,
    "",
    "The book's own scripts, on all pages.",
)
GPU = Key(
    "colab",
    "gpu_pattern",
    kinds.LINES,
    "",
    "Pieces of code, one a line; a notebook with one of them requests a GPU on Colab.",
)
BIBFILES = Key(
    "pdf",
    "bibfile",
    kinds.PATHS,
    "",
    "Files in BibTeX's format that citations refer to, besides those that "
    "`:bibliography:` names.",
)
TIMEOUT = Key(
    "tabbook", "timeout", kinds.WHOLE_NUMBER, "120", "Seconds that one cell may take."
)
MEMORY = Key(
    "tabbook",
    "memory",
    kinds.WHOLE_NUMBER,
    "0",
    "GiB of data that one kernel may hold; 0 for no limit.",
)
JOBS = Key(
    "tabbook",
    "jobs",
    kinds.WHOLE_NUMBER,
    "0",
    "Number of kernels that run at once; 0 for twice the number of processors.",
)
PYTHON = Key(
    "tabbook",
    "python",
    kinds.TEXT,
    "3.11",
    "Python version of the frameworks' environments.",
)
COLAB_PYTHON = Key(
    "tabbook",
    "colab_python",
    kinds.TEXT,
    "",
    "Python version of Colab, for `colab-check`; that of `python` by default.",
)
SILENCE = Key(
    "tabbook", "silence", kinds.WORDS, "", "Names of problems that are not reported."
)
MACROS = Key(
    "tabbook",
    "macros",
    kinds.MACROS,
    "",
    "Commands for formulas, one definition a line, such as "
    r"`\newcommand{\norm}[1]{\lVert #1\rVert}`; `\def` and `\DeclareMathOperator` too.",
)
OUTPUT_SCRIPTS = Key(
    "tabbook",
    "output_scripts",
    kinds.SWITCH,
    "no",
    "Whether scripts in the HTML of outputs run on pages. They run with the rights of "
    "the pages' site; without them a note and a text stand in their place.",
)
SOURCE_SCRIPTS = Key(
    "tabbook",
    "source_scripts",
    kinds.SWITCH,
    "no",
    "Whether scripts and event handlers that sources hold as raw HTML run on pages.",
)
ORIGINS = Key(
    "tabbook",
    "origins",
    kinds.ORIGINS,
    "",
    "Other sites, such as `https://cdn.example.org`, from which pages load scripts, "
    "styles, fonts and data; pictures, media and frames may come from any.",
)
TERMS = Key(
    "tabbook",
    "terms",
    kinds.FILE,
    "",
    "The book's terms, for lint and the glossary.",
    inherited=False,
)
FACTS = Key(
    "tabbook",
    "facts",
    kinds.TEXT,
    "facts/*.toml",
    "Glob or folder of the files that declare required outputs.",
    inherited=False,
)
TIE_NUMBERS = Key(
    "tabbook",
    "tie_numbers",
    kinds.SWITCH,
    "no",
    "Whether `check` warns of numbers in a paragraph below a cell that no cell around "
    "it prints.",
)
LEAST_COVERAGE = Key(
    "tabbook",
    "least_coverage",
    kinds.PERCENT,
    "0",
    "Percent of a section's sentences with a number or code that facts or cells have "
    "to touch; `check` fails below. 0 for no limit.",
    inherited=False,
)
REPOSITORY = Key(
    "tabbook",
    "repository",
    kinds.TEXT,
    "",
    "`owner/name` on GitHub, where Colab finds the notebooks; git's remote by default.",
)
BRANCH = Key(
    "tabbook",
    "branch",
    kinds.TEXT,
    "",
    "The branch that readers see; the remote's default branch by default.",
)
SITE = Key(
    "tabbook",
    "site",
    kinds.URL,
    "",
    "Address of the published pages; the repository's GitHub Pages by default.",
    inherited=False,
)
TRANSLATION_OF = Key(
    "tabbook",
    "translation_of",
    kinds.BOOK,
    "",
    "Folder of the book that this one translates, such as `../..`: code, outputs, "
    "environments and figures are those of that book, and so is each key that is not "
    "given here, save those of language, terms, facts and addresses.",
    inherited=False,
)
TRANSLATIONS = Key(
    "tabbook",
    "translations",
    kinds.BOOKS,
    "",
    "Folders of translations of this book; `publish` gathers them with it, and their "
    "pages link to each other.",
    inherited=False,
)
COLOUR = Key(
    "tabbook",
    "colour",
    kinds.COLOUR,
    "#17557f",
    "Colour of links and controls on white, for pages, slides and PDF.",
)
COLOUR_DARK = Key(
    "tabbook",
    "colour_dark",
    kinds.COLOUR,
    "#7cc0ee",
    "The same on the dark background of pages.",
)
COVER = Key(
    "tabbook",
    "cover",
    kinds.CODE_OF_SECTION,
    "",
    "What the index page shows of the book, as `chapter/section: piece of code`: the "
    "first cell of that section with this code, in every framework, with its outputs.",
    inherited=False,
)
COVER_MAP = Key(
    "tabbook",
    "cover_map",
    kinds.INSIDE,
    "",
    "A map of the book for the index page, an SVG: texts in it that are titles of "
    "pages become links. Without it, and on phones, the pages are listed.",
    inherited=False,
)
KEYS: tuple[Key[Any], ...] = (
    *(value for value in list(globals().values()) if isinstance(value, Key)),
    *repeated_keys.KEYS,
)
"""All keys but those of libraries, in the order of their declaration."""
