"""Every key of config.ini: section, name, kind, default and meaning, declared once.

``docs/configuration.md`` is generated from these declarations by ``reference``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Generic

from tabbook.base.config import kinds
from tabbook.base.config.file import ConfigFile
from tabbook.base.config.kinds import Kind, Value, ValueRefusedError

FRAMEWORK = "framework-"
"""Beginning of the name of a framework's section."""

EACH_FRAMEWORK = "framework-NAME"
"""The section of the keys that each framework has."""

LIBRARY = "library-"
"""Beginning of the name of the section with a framework's library."""

EACH_LIBRARY = "library-NAME"
"""The section of the keys that the library of each framework has."""

EDITION = "edition-"
"""Beginning of the name of the section of an edition."""

EACH_EDITION = "edition-NAME"
"""The section of the keys that each edition has."""

EDITION_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")

EACH = {EACH_FRAMEWORK: FRAMEWORK, EACH_LIBRARY: LIBRARY, EACH_EDITION: EDITION}
"""The beginning of the name of each section that a framework or an edition has."""


@dataclass(frozen=True)
class Key(Generic[Value]):
    """A key that the engine reads."""

    section: str
    name: str
    kind: Kind[Value]
    default: str
    """The value as it would be written; it also replaces an empty one."""
    meaning: str

    def read(self, file: ConfigFile, name: str = "") -> Value:
        """Return the key's value.

        :param name: the framework or edition whose section to read.
        :raises BookError: the text is no value of the key's kind.
        """
        section = EACH[self.section] + name if name else self.section
        text = file.value(section, self.name)
        if self.section == EACH_LIBRARY:
            text = file.interpolated(section, self.name)
        text = text or self.default
        try:
            return self.kind.read(file.path.parent, text)
        except ValueRefusedError as error:
            message = str(error)
            raise file.error(section, self.name, message, line=error.line) from error


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
    "project", "lang", kinds.TEXT, "en", "Language tag of the text, such as `ja`."
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
    kinds.TEXT,
    "_build",
    "Folder of the pages and of scratch files.",
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
LOGO = Key("html", "html_logo", kinds.TEXT, "", "The pages' logo.")
FAVICON = Key("html", "favicon", kinds.TEXT, "", "The pages' icon in browsers.")
STYLES = Key("html", "include_css", kinds.PATHS, "", "The book's own style sheets.")
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
TERMS = Key(
    "tabbook", "terms", kinds.FILE, "", "The book's terms, for lint and the glossary."
)
FACTS = Key(
    "tabbook",
    "facts",
    kinds.TEXT,
    "facts/*.toml",
    "Glob or folder of the files that declare required outputs.",
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
LABEL = Key(
    EACH_FRAMEWORK,
    "label",
    kinds.TEXT,
    "",
    "The tab's text, such as `PyTorch`; the framework's name by default.",
)
PACKAGES = Key(
    EACH_FRAMEWORK,
    "packages",
    kinds.WORDS,
    "",
    "Distributions whose versions notebooks record; the framework itself first.",
)
ENVIRONMENT = Key(
    EACH_FRAMEWORK,
    "environment",
    kinds.TEXT,
    "",
    "The pinned requirements; `environments/NAME.txt` by default.",
)
VARIABLES = Key(
    EACH_FRAMEWORK,
    "variables",
    kinds.VARIABLES,
    "",
    "Environment variables of the kernels, `NAME=VALUE`, one a line.",
)
PRELOAD = Key(
    EACH_FRAMEWORK,
    "preload",
    kinds.MODULES,
    "",
    "Modules to import once in a fork server, from which the kernels are forked.",
)
COLAB = Key(
    EACH_FRAMEWORK,
    "colab",
    kinds.FILE,
    "",
    "Code of the notebooks' first cell, which prepares Colab.",
)

SAVE_PATTERNS = Key(
    "library",
    "save_patterns",
    kinds.FILES_OF_TABS,
    "",
    "`FILE, NAME`, one a line: where `lib` writes a framework's saved code.",
)
VERSION_FILE = Key(
    "library",
    "version_file",
    kinds.TEXT,
    "",
    "File whose `__version__` `lib` sets to `[project] release`.",
)
SAVE_MARK = Key(
    "library",
    "save_mark",
    kinds.TEXT,
    "",
    "Of older books, beside `save_filename`; the mark is `#@save` today.",
)
SAVE_FILENAME = Key(
    "library",
    "save_filename",
    kinds.TEXT,
    "",
    "Of older books; d2lbook 1.0.3 fails on it. Write `save_patterns` instead.",
)
SAVE_FOLDER = Key(
    "library",
    "root_dir",
    kinds.TEXT,
    "",
    "Of older books; d2lbook 1.0.3 fails on it. Write `save_patterns` instead.",
)
LIBRARY_FILE = Key(
    EACH_LIBRARY,
    "lib_file",
    kinds.TEXT,
    "",
    "File of the code marked `#@save`, which `lib` writes.",
)
LIBRARY_NAME = Key(
    EACH_LIBRARY,
    "lib_name",
    kinds.TEXT,
    "",
    "The package that aliases stand for, such as `torch`.",
)
SIMPLE_ALIAS = Key(
    EACH_LIBRARY,
    "simple_alias",
    kinds.TEXT,
    "",
    "`a, b -> c`: notebooks have `torch.a` for `d2l.a`, and `torch.c` for `d2l.b`.",
)
FLUENT_ALIAS = Key(
    EACH_LIBRARY,
    "fluent_alias",
    kinds.TEXT,
    "",
    "`a, b -> c`: notebooks have `x.a(y)` for `d2l.a(x, y)`, and `x.c(y)` for "
    "`d2l.b(x, y)`.",
)
ARGS_ALIAS = Key(
    EACH_LIBRARY,
    "args_alias",
    kinds.CALLS,
    "",
    "`f(a_x, k) -> g(a_x, k)`, one a line: arguments keep their names.",
)
REVERSE_ALIAS = Key(
    EACH_LIBRARY,
    "reverse_alias",
    kinds.TEXT,
    "",
    "`TEXT -> TEXT`, one a line: replaced in the code of notebooks.",
)
ALIAS = Key(
    EACH_LIBRARY,
    "alias",
    kinds.TEXT,
    "",
    "Code that `lib` writes below the saved code.",
)

EDITION_TITLE = Key(
    EACH_EDITION, "title", kinds.TEXT, "", "The edition's title; the book's by default."
)
EDITION_EXCLUSIONS = Key(
    EACH_EDITION,
    "exclusions",
    kinds.PATHS,
    "",
    "Globs of Markdown files that the edition leaves out, besides those of `[build]`.",
)
EDITION_SOLUTIONS = Key(
    EACH_EDITION,
    "solutions",
    kinds.SOLUTIONS,
    "folded",
    "Solutions of exercises: `shown`, `folded` or `left out`.",
)
EDITION_BLANKS = Key(
    EACH_EDITION,
    "blanks",
    kinds.SWITCH,
    "no",
    "Whether code between `### BEGIN SOLUTION` and `### END SOLUTION` becomes a stub.",
)
EDITION_SITE = Key(
    EACH_EDITION, "site", kinds.URL, "", "Address of the edition's published pages."
)

KEYS: tuple[Key[Any], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Key)
)
"""All keys, in the order of their declaration."""
