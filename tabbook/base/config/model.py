"""The validated configuration of a book."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from tabbook.base.config import keys
from tabbook.base.config.editions import THE_BOOK, Edition
from tabbook.base.errors import Problem, UsageError
from tabbook.base.tex.macros import Macro

NOTEBOOKS = "notebooks"
"""The folder of the committed notebooks, in that of a book."""


@dataclass(frozen=True)
class Library:
    """The ``[library-NAME]`` of a framework; the fields are called as its keys are."""

    lib_file: str = ""
    """File of the saved code, relative to the root."""
    lib_name: str = ""
    """The package that aliases stand for."""
    simple_alias: str = ""
    fluent_alias: str = ""
    args_alias: str = ""
    reverse_alias: str = ""
    alias: str = ""
    """Code to write below the saved code."""

    def settings(self) -> dict[str, str]:
        """Return the keys that are given, as d2lbook's functions take them."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class Framework:
    """A framework. Frameworks differ in data only; no code depends on their names."""

    name: str
    """The tab's name, such as ``pytorch``."""
    label: str
    """The tab's text, such as ``PyTorch``."""
    environment: Path
    """The pinned requirements of its environment (absolute path)."""
    packages: tuple[str, ...] = ()
    """Distributions whose versions notebooks record."""
    variables: tuple[tuple[str, str], ...] = ()
    """Environment variables of its kernels, sorted."""
    preload: tuple[str, ...] = ()
    """Modules to import once in a fork server, from which its kernels are forked."""
    colab: Path | None = None
    """Code of the notebooks' first cell (absolute path), if there is one."""
    library: Library | None = None
    """Its library, if config.ini has a section for it."""


@dataclass(frozen=True)
class Config:
    """The configuration of one book: config.ini, validated."""

    root: Path
    """The folder with config.ini (absolute path)."""
    name: str
    """Short name in ASCII, for files that readers save."""
    title: str
    author: str
    copyright: str
    language: str
    """Language tag of the text, such as ``ja``."""
    release: str
    index: str
    """Name of the root page, without ``.md``."""
    patterns: tuple[str, ...]
    """Globs of the Markdown sources."""
    exclusions: tuple[str, ...]
    """Globs of Markdown files that are no source."""
    resources: tuple[str, ...]
    """Files and folders that cells may read."""
    output: Path
    """Folder of the pages and of scratch files (absolute path)."""
    tabbed: bool
    """Whether config.ini names tabs at all."""
    frameworks: tuple[Framework, ...]
    """In the order of ``tabs``; the first is the default."""
    timeout: int
    """Seconds that one cell may take."""
    memory: int
    """GiB of data that one kernel may hold; 0 for no limit."""
    jobs: int
    """Number of kernels that run at once; see ``process.worker_count``."""
    python: str
    """Python version of the frameworks' environments, such as ``3.11``."""
    colab_python: str = ""
    """Python version of Colab, such as ``3.13``; empty for that of ``python``."""
    gpu: tuple[str, ...] = ()
    """Pieces of code; a notebook with one of them requests a GPU on Colab."""
    repository: str = ""
    """``owner/name`` on GitHub; empty for git's remote."""
    branch: str = ""
    """The branch that readers see; empty for git's default."""
    site: str = ""
    """Address of the published pages; empty for the repository's GitHub Pages."""
    colour: str = keys.COLOUR.default
    """Colour of links and controls on white, as ``#rrggbb``."""
    colour_dark: str = keys.COLOUR_DARK.default
    """The same on the dark background of pages."""
    cover: tuple[str, str] = ("", "")
    """Name of a section and a piece of its code that the index page shows."""
    cover_map: str = ""
    """The map of the book on the index page, an SVG, relative to the root."""
    macros: tuple[Macro, ...] = ()
    """Commands for formulas."""
    terms: Path | None = None
    """The file of the book's terms (absolute path), if there is one."""
    facts: str = "facts/*.toml"
    """Glob or folder of the files that declare required outputs, from the root."""
    tie_numbers: bool = False
    """Whether numbers below a cell have to be those that it prints."""
    least_coverage: int = 0
    """Percent of each section's sentences that facts or cells have to touch."""
    bibfiles: tuple[str, ...] = ()
    """Files in BibTeX's format, relative to the root."""
    logo: str = ""
    """The pages' logo, relative to the root."""
    favicon: str = ""
    styles: tuple[str, ...] = ()
    """The book's own style sheets, relative to the root."""
    scripts: tuple[str, ...] = ()
    """The book's own scripts, relative to the root."""
    save_patterns: tuple[tuple[str, str], ...] = ()
    """Files of saved code, relative to the root, each with the tab it is for."""
    version_file: str = ""
    """File with the version of the book's library, relative to the root."""
    outdated_library: str = ""
    """A key of ``[library]`` that d2lbook fails on; empty for none."""
    output_scripts: bool = False
    """Whether scripts in the HTML of outputs run on pages."""
    source_scripts: bool = False
    """Whether scripts in the raw HTML of sources run on pages."""
    origins: tuple[str, ...] = ()
    """Other sites from which pages load scripts, styles, fonts and data."""
    silenced: frozenset[str] = field(default_factory=frozenset)
    """Names of problems that are not reported."""
    dropped: frozenset[str] = field(default_factory=frozenset)
    """Names of the frameworks that have a section and are not listed in ``tabs``."""
    dropped_labels: frozenset[str] = field(default_factory=frozenset)
    """Their labels."""
    origin: Config | None = None
    """The book that this one translates; its outputs and environments are used."""
    translations: tuple[Path, ...] = ()
    """The folders of the book's translations (absolute paths)."""
    editions: tuple[Edition, ...] = ()
    """The editions of the book, besides the book itself."""
    edition: Edition = THE_BOOK
    """The edition that is built; one without a name is the book itself."""
    printed: bool = False
    """Whether a PDF or an EPUB is made, which has one framework and no controls."""
    problems: tuple[Problem, ...] = ()
    """Warnings about config.ini itself."""

    @property
    def products(self) -> Path:
        """Return the folder of all build products, those of editions included."""
        return self.output.parent if self.edition.name else self.output

    @property
    def products_path(self) -> str:
        """Return the folder of all build products, relative to the book's."""
        return os.path.relpath(self.products, self.root).replace(os.sep, "/")

    def for_edition(self, name: str) -> Config:
        """Return the configuration of an edition, with a folder for its own products.

        :raises UsageError: there is no such edition.
        """
        editions = {edition.name: edition for edition in self.editions}
        if name not in editions:
            raise UsageError(
                f"no edition is called {name!r}; there are: "
                f"{', '.join(editions) or 'none'}; config.ini describes each in a "
                f"section such as [edition-{name}]"
            )
        edition = editions[name]
        return replace(
            self,
            title=edition.title or self.title,
            name=f"{self.name}-{name}",
            exclusions=(*self.exclusions, *edition.exclusions),
            site=edition.site,
            output=self.output / f"edition-{name}",
            edition=edition,
        )

    @property
    def notebooks(self) -> Path:
        """Return the folder of the committed notebooks."""
        return self.root / NOTEBOOKS

    @property
    def venvs(self) -> Path:
        """Return the folder of the environments that the book's code runs in."""
        return ((self.origin or self).root / ".venvs").resolve()

    @property
    def roots(self) -> tuple[Path, ...]:
        """Return the folders whose files the book shows; the origin's come last."""
        return (self.root, *(self.origin.roots if self.origin else ()))

    def file(self, path: str) -> Path:
        """Return a file of the book; the origin's where the book has none.

        :param path: relative to the root.
        """
        files = [root / path for root in self.roots]
        return next((file for file in files if file.is_file()), files[0])

    @property
    def default(self) -> Framework:
        """Return the framework that readers see by default."""
        return self.frameworks[0]

    def framework(self, name: str) -> Framework:
        """Return the framework called ``name``.

        :raises KeyError: there is no such framework.
        """
        return {framework.name: framework for framework in self.frameworks}[name]
