"""config.ini as one frozen, validated object; nobody else reads it raw.

Only the standard library is imported here: the file is read before the engine's
own environment exists.
"""

from __future__ import annotations

import configparser
import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path

from tabbook.base.errors import BookError, Problem

FILE_NAME = "config.ini"

D2LBOOK_KEYS = {
    "project": "name title author release copyright lang",
    "translation": "origin_repo origin_lang translator terminology",
    "build": "index notebooks rsts non-notebooks exclusions dependencies resources "
    "eval_notebook source_dir output_dir html_dir warning_is_error sphinx_extensions "
    "sphinx_configs tabs origin_repo",
    "html": "header_links favicon html_logo include_css include_js",
    "pdf": "main_font sans_font mono_font post_latex latex_logo bibfile latex_url "
    "style",
    "library": "save_filename save_mark save_patterns version version_file root_dir",
    "deploy": "google_analytics_tracking_id github_repo s3_bucket other_file_s3urls",
    "colab": "github_repo exclusions libs libs_header gpu_pattern replace_svg_url",
    "sagemaker": "github_repo kernel libs libs_header",
    "slides": "top_left top_right github_repo",
}
"""The sections and keys of d2lbook 1.0.3; most of them only d2lbook uses."""

OUR_KEYS = {
    "tabbook": "timeout memory jobs python colab_python silence terms facts "
    "repository branch site"
}
FRAMEWORK_KEYS = "label packages environment variables preload colab"
FRAMEWORK_PREFIX = "framework-"
NAME = re.compile(r"[a-z][a-z0-9_]*")
"""A tab's name; d2lbook reads no hyphen in one."""


@dataclass(frozen=True)
class Framework:
    """One framework: data, never an ``if``."""

    name: str
    """The tab's name, such as ``pytorch``."""
    label: str
    """How readers know it, such as ``PyTorch``."""
    environment: Path
    """The pinned requirements its kernels run with (absolute path)."""
    packages: tuple[str, ...] = ()
    """Distributions whose versions the notebook records."""
    variables: tuple[tuple[str, str], ...] = ()
    """Environment variables its kernels start with, sorted."""
    preload: tuple[str, ...] = ()
    """Modules that are imported once for all its kernels, which are forked then."""
    colab: Path | None = None
    """The code of the notebook's first cell (absolute path), if there is one."""


@dataclass(frozen=True)
class Config:
    """One book: where it lies, what it is called, how it is run."""

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
    """Globs of what is no source."""
    resources: tuple[str, ...]
    """Files and folders a section may read while it runs."""
    output: Path
    """Where pages and scratch files go (absolute path)."""
    tabbed: bool
    """Whether config.ini names tabs at all."""
    frameworks: tuple[Framework, ...]
    """In the order of ``tabs``; the first is the default."""
    timeout: int
    """Seconds one cell may take."""
    memory: int
    """GiB of data one kernel may hold; 0 for no limit."""
    jobs: int
    """Kernels at once; 0 for twice the cores."""
    fresh_kernels: bool = field(default=False, kw_only=True)
    """Whether every kernel is started afresh, none forked."""
    python: str
    """Python version of the frameworks' environments, such as ``3.11``."""
    colab_python: str = ""
    """Python version of Colab today, such as ``3.13``; empty for ``python``."""
    gpu: tuple[str, ...] = ()
    """Pieces of code; a notebook with one of them asks Colab for a GPU."""
    repository: str = ""
    """``owner/name`` on GitHub; empty for what git's remote says."""
    branch: str = ""
    """The branch readers see; empty for what git says."""
    site: str = ""
    """Address of the published pages; empty for GitHub's own of the repository."""
    terms: Path | None = None
    """The file of the book's words (absolute path), if there is one."""
    facts: str = "facts/*.toml"
    """Glob or folder of the files that say what outputs have to be, from the root."""
    logo: str = ""
    """The page's logo, relative to the root."""
    favicon: str = ""
    styles: tuple[str, ...] = ()
    """The book's own style sheets, relative to the root."""
    silenced: frozenset[str] = field(default_factory=frozenset)
    """Names of problems that are not reported."""
    problems: tuple[Problem, ...] = ()
    """Warnings about config.ini itself."""

    @property
    def notebooks(self) -> Path:
        """Return the folder of the committed notebooks."""
        return self.root / "notebooks"

    @property
    def venvs(self) -> Path:
        """Return the folder of this book's virtual environments."""
        return (self.root / ".venvs").resolve()

    @property
    def default(self) -> Framework:
        """Return the framework a reader sees first."""
        return self.frameworks[0]

    def framework(self, name: str) -> Framework:
        """Return the framework called ``name``.

        :raises KeyError: there is none.
        """
        return {one.name: one for one in self.frameworks}[name]


def load(root: Path) -> Config:
    """Read and check ``root``/config.ini.

    :raises BookError: the file is missing, cannot be parsed or holds a value that
        cannot be used.
    """
    root = root.resolve()
    raw = _parse(root)
    project, build, html = (
        _strings(raw, section) for section in ("project", "build", "html")
    )
    ours, colab = _strings(raw, "tabbook"), _strings(raw, "colab")
    index = build.get("index", "") or "index"
    tabs = _tabs(root, build.get("tabs", ""))
    return Config(
        root=root,
        name=_slug(project.get("name", "")) or _slug(root.name) or "book",
        title=project.get("title", ""),
        author=project.get("author", ""),
        copyright=project.get("copyright", ""),
        language=project.get("lang", "") or "en",
        release=project.get("release", ""),
        index=index.removesuffix(".md"),
        patterns=tuple(build.get("notebooks", "**/*.md").split()),
        exclusions=tuple(build.get("exclusions", "").split()),
        resources=tuple(build.get("resources", "").split()),
        output=root / (build.get("output_dir", "") or "_build"),
        tabbed=bool(tabs),
        frameworks=tuple(_framework(root, raw, tab) for tab in tabs or ("python",)),
        timeout=_whole(ours, "timeout", 120),
        memory=_whole(ours, "memory", 0),
        jobs=_whole(ours, "jobs", 0),
        python=ours.get("python", "3.11"),
        colab_python=ours.get("colab_python", ""),
        gpu=_lines(colab.get("gpu_pattern", "")),
        repository=ours.get("repository", ""),
        branch=ours.get("branch", ""),
        site=_address(root, ours.get("site", "")),
        terms=_file(root, "[tabbook] terms", ours.get("terms", "")),
        facts=ours.get("facts", "") or "facts/*.toml",
        logo=html.get("html_logo", ""),
        favicon=html.get("favicon", ""),
        styles=tuple(html.get("include_css", "").split()),
        silenced=frozenset(_words(ours.get("silence", ""))),
        problems=tuple(_unknown_keys(root, raw, tabs)),
    )


def _parse(root: Path) -> configparser.ConfigParser:
    path = root / FILE_NAME
    raw = configparser.ConfigParser(interpolation=None)
    try:
        raw.read_string(path.read_text(encoding="utf-8"), source=FILE_NAME)
    except FileNotFoundError as error:
        raise BookError(
            f"{path}: there is no such file; name the book's folder with -C DIR, "
            "or make a config.ini with [project] title and [build] tabs"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BookError(f"{path}: cannot be read: {error}") from error
    except configparser.Error as error:
        # d2lbook itself reads the file with configparser, so its rules are the rules.
        raise BookError(f"{path}: {_parse_message(error)}") from error
    return raw


def _parse_message(error: configparser.Error) -> str:
    text = " ".join(str(error).split())
    return f"is not in INI format: {text}; write `key = value` below a [section]"


def _strings(raw: configparser.ConfigParser, section: str) -> dict[str, str]:
    return dict(raw[section]) if raw.has_section(section) else {}


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()


def _address(root: Path, text: str) -> str:
    """Return where the pages are published, with the slash at its end."""
    if text and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise BookError(
            f"{root / FILE_NAME}: [tabbook] site = {text!r} is no address; write one "
            "such as https://example.org/book/"
        )
    return text and text.rstrip("/") + "/"


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _tabs(root: Path, text: str) -> tuple[str, ...]:
    tabs = tuple(part.strip().lower() for part in text.split(",")) if text else ()
    for tab in tabs:
        if not NAME.fullmatch(tab) or tab == "all":
            raise BookError(
                f"{root / FILE_NAME}: [build] tabs has {tab!r}; write names of "
                "a-z, 0-9 and _ with half-width commas between them"
            )
    if len(set(tabs)) != len(tabs):
        raise BookError(f"{root / FILE_NAME}: [build] tabs names a tab twice: {text!r}")
    return tabs


def _whole(values: dict[str, str], key: str, default: int) -> int:
    text = values.get(key, "") or str(default)
    if not text.isascii() or not text.isdigit():
        raise BookError(
            f"{FILE_NAME}: [tabbook] {key} = {text!r} is not a whole number"
        )
    return int(text)


def _framework(root: Path, raw: configparser.ConfigParser, name: str) -> Framework:
    values = _strings(raw, FRAMEWORK_PREFIX + name)
    key = f"[{FRAMEWORK_PREFIX}{name}] colab"
    return Framework(
        name=name,
        label=values.get("label", "") or name,
        environment=root / (values.get("environment") or f"environments/{name}.txt"),
        packages=tuple(_words(values.get("packages", ""))),
        variables=_variables(name, values.get("variables", "")),
        preload=_modules(name, values.get("preload", "")),
        colab=_file(root, key, values.get("colab", "")),
    )


def _file(root: Path, key: str, name: str) -> Path | None:
    """Return the file that a key names, if it names one."""
    if name and not (root / name).is_file():
        raise BookError(f"{root / FILE_NAME}: {key} = {name!r}: there is no such file")
    return root / name if name else None


def _variables(name: str, text: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for line in text.split():
        key, equals, value = line.partition("=")
        if not equals:
            raise BookError(
                f"{FILE_NAME}: [{FRAMEWORK_PREFIX}{name}] variables has {line!r}; "
                "write NAME=VALUE, one a line"
            )
        pairs.append((key, value))
    return tuple(sorted(pairs))


def _modules(name: str, text: str) -> tuple[str, ...]:
    modules = tuple(_words(text))
    for module in modules:
        if not all(part.isidentifier() for part in module.split(".")):
            raise BookError(
                f"{FILE_NAME}: [{FRAMEWORK_PREFIX}{name}] preload has {module!r}; "
                "write names of modules, such as torch"
            )
    return modules


def _unknown_keys(
    root: Path, raw: configparser.ConfigParser, tabs: tuple[str, ...]
) -> list[Problem]:
    known = {name: keys.split() for name, keys in (D2LBOOK_KEYS | OUR_KEYS).items()}
    known |= {FRAMEWORK_PREFIX + tab: FRAMEWORK_KEYS.split() for tab in tabs}
    lines = (root / FILE_NAME).read_text(encoding="utf-8").splitlines()
    problems = []
    for section in raw.sections():
        if section.startswith("library-"):  # d2lbook leaves its keys free
            continue
        if section not in known:
            problems.append(_unknown(lines, f"[{section}]", section, list(known)))
            continue
        for key in raw[section]:
            if key not in known[section] and key not in raw.defaults():
                problems.append(_unknown(lines, key, key, known[section], section))
    return problems


def _unknown(
    lines: list[str], start: str, word: str, known: list[str], section: str = ""
) -> Problem:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
    inside = not section
    line = 0
    for number, text in enumerate(lines, 1):
        if text.strip() == f"[{section}]":
            inside = True
        if inside and text.lower().startswith(start.lower()):
            line = number
            break
    where = f"unknown key {word!r} in [{section}]" if section else f"unknown [{word}]"
    return Problem(FILE_NAME, line, "unknown-key", where + hint, "warning")
