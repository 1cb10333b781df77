"""Macros for formulas are read from config.ini and expanded as TeX would."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook.base.config import FILE_NAME, load
from tabbook.base.errors import BookError
from tabbook.base.tex.macros import MacroError, expand, parse

MACROS = parse(
    r"""\newcommand{\R}{\mathbb{R}}
% of vectors
\newcommand{\norm}[1]{\lVert #1\rVert}
\newcommand\E[2][x]{\mathbb{E}_{#1}\left[#2\right]}
\def\loss#1#2{\ell(#1, #2)} \DeclareMathOperator*{\argmin}{arg\,min}
\DeclareMathOperator{\Var}{Var}
\newcommand{\al}{\alpha}
\newcommand{\nothing}{}
\renewcommand{\vec}[1]{\mathbf{#1}}
\providecommand*{\normR}{\norm{\R}}"""
)


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"x \in \R^n", r"x \in \mathbb{R}^n"),
        (r"x^\R", r"x^{\mathbb{R}}"),
        (r"\frac\R2", r"\frac{\mathbb{R}}2"),
        (r"\frac{\R}{2}", r"\frac{\mathbb{R}}{2}"),
        (r"\hat\al", r"\hat{\alpha}"),
        (r"\norm{\norm{x}}", r"\lVert \lVert x\rVert\rVert"),
        (r"\norm x", r"\lVert x\rVert"),
        (r"\norm\R", r"\lVert \mathbb{R}\rVert"),
        (r"\E{y}", r"\mathbb{E}_{x}\left[y\right]"),
        (r"\E[p]{\norm{y}}", r"\mathbb{E}_{p}\left[\lVert y\rVert\right]"),
        (r"\loss{a}{\R}", r"\ell(a, \mathbb{R})"),
        (r"\argmin_x \Var(x)", r"\operatorname*{arg\,min}_x \operatorname{Var}(x)"),
        (r"\al b", r"\alpha b"),
        (r"\beta\nothing b", r"\beta b"),
        (r"\normR", r"\lVert \mathbb{R}\rVert"),
        (r"\vec{x}\vec y", r"\mathbf{x}\mathbf{y}"),
        (r"a \\R", r"a \\R"),
        (r"\Rx", r"\Rx"),
        (r"\norm", r"\norm"),
        (r"\norm{x", r"\norm{x"),
        ("x", "x"),
    ],
)
def test_macros_are_expanded(tex: str, expected: str) -> None:
    assert expand(tex, MACROS) == expected


def test_formula_is_unchanged_without_macros() -> None:
    assert expand(r"\R  \norm", ()) == r"\R  \norm"


def test_expansion_ends() -> None:
    doubled = "".join(
        rf"\newcommand{{\{name}}}{{\{following}\{following}}}"
        for name, following in zip("abcdefghijklm", "bcdefghijklmn", strict=True)
    )
    assert len(expand(r"\a", parse(doubled))) < 100_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (r"\let\a\b", r"\newcommand{\name}{...}"),
        ("text", r"\newcommand{\name}{...}"),
        (r"\newcommand{\x}[1]{", "'}' is missing"),
        (r"\newcommand", "an argument is missing"),
        (r"\newcommand{x}{y}", "'x' is no name"),
        (r"\newcommand{\x}[k]{a}", "'k' is no number"),
        (r"\newcommand{\x}[1]{#2}", "#2 is not one of its 1 arguments"),
        (r"\def\x#1.{a}", "needs parameters such as #1#2"),
        (r"\def\x{a}\newcommand{\x}{b}", r"\x is defined twice"),
        (r"\newcommand{\x}{a\x}", r"defines \x by \x itself"),
        (r"\def\x{\y}\def\y{\x}", r"defines \x by \x itself"),
    ],
)
def test_wrong_definition_is_refused(text: str, message: str) -> None:
    with pytest.raises(MacroError) as caught:
        parse(text)
    assert message in str(caught.value)


def write(folder: Path, macros: str) -> None:
    text = f"[build]\ntabs = left\n[tabbook]\nmacros =\n{macros}\njobs = 1\n"
    (folder / FILE_NAME).write_text(text, encoding="utf-8")


def test_config_holds_the_macros(tmp_path: Path) -> None:
    write(tmp_path, "  \\newcommand{\\a}{x}\n\n  # a comment\n  \\def\\b#1{\\a #1}")
    config = load(tmp_path)
    assert [macro.name for macro in config.macros] == [r"\a", r"\b"]
    assert expand(r"\b{50%}", config.macros) == "x50%"
    assert config.problems == ()


def test_config_names_file_and_line_of_a_wrong_macro(tmp_path: Path) -> None:
    write(tmp_path, "  \\newcommand{\\a}{x}\n\n  # a comment\n  \\newcommand{\\b}{#1}")
    place = rf"{FILE_NAME}:8: \[tabbook\] macros has "
    with pytest.raises(BookError, match=place):
        load(tmp_path)
