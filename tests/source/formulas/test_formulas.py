"""Formulas are drawn as TeX draws them, or are a value with the reason why not."""

from __future__ import annotations

import random
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from tabbook.base.tex.macros import parse
from tabbook.source import formulas
from tabbook.source.formulas import Translated, UnsetFormula, convert, latex
from tests.support.tables import examples

HERE = Path(__file__).parent / "tables"

SPACES = re.compile("[\u00a0\u2009]")

PIECES = (
    *("{", "}", "^", "_", "&", "$", "'", "#1", "%", " ", "\n", "x", "1", "日", "\\"),
    *(r"\frac", r"\\", r"\left(", r"\right)", r"\text{", r"\tag{", r"\sum", r"\hat"),
    *(r"\limits", r"\operatorname*", r"\mathop", r"\sqrt[", r"\over", r"\choose"),
    *(r"\begin{matrix}", r"\end{matrix}", r"\begin{align}", r"\end{align}", r"\not"),
    *(r"\newcommand", r"\color{red}", r"\middle|", r"\substack", r"\underbrace"),
)


def mathml(tex: str, *, display: bool = True) -> str:
    result = convert(tex, display=display)
    assert isinstance(result, str), result
    return result


@pytest.mark.parametrize(("tex", "expected"), examples(HERE / "set.txt"))
def test_formula_is_drawn_as_tex_draws_it(tex: str, expected: str) -> None:
    page = BeautifulSoup(mathml(tex), "html.parser")
    assert not page.select("merror")
    for line in expected.splitlines():
        selector, _, text = line.partition(" =")
        texts = [element.get_text() for element in page.select(selector)]
        assert text.removeprefix(" ") in [SPACES.sub(" ", shown) for shown in texts]


@pytest.mark.parametrize("display", [True, False])
@pytest.mark.parametrize(("tex", "reason"), examples(HERE / "unset.txt"))
def test_formula_that_cannot_be_set_has_a_reason(
    tex: str, reason: str, display: bool
) -> None:
    result = convert(tex, display=display)
    assert isinstance(result, UnsetFormula)
    assert reason in result.reason
    assert "\n" not in result.message(tex)


def test_column_in_a_line_of_text_has_a_reason() -> None:
    result = convert("a & b", display=False)
    assert isinstance(result, UnsetFormula) and "&" in result.reason
    assert "mtable" in mathml("a & b")


def test_limits_of_text_style_stand_at_the_side() -> None:
    page = BeautifulSoup(mathml(r"\mathop{\mathbb{E}}_x", display=False), "html.parser")
    assert page.select("msub") and not page.select("munder")


def test_any_text_gives_mathml_or_a_reason() -> None:
    chance = random.Random(13)
    for _ in range(20_000):
        tex = "".join(chance.choice(PIECES) for _ in range(chance.randint(0, 12)))
        result = convert(tex, display=chance.random() < 0.5)
        if isinstance(result, str):
            ElementTree.fromstring(result)  # EPUB is XML
        else:
            assert result.reason


@pytest.mark.parametrize(
    "piece", ["{", r"\hat ", r"\sqrt ", r"\left(", r"\begin{matrix}", r"\color{red}"]
)
def test_deep_nesting_does_not_end_the_process(piece: str) -> None:
    assert isinstance(convert(piece * 20_000, display=True), UnsetFormula)
    assert isinstance(convert(r"\mathop{" * 900, display=True), UnsetFormula)


def test_panic_of_the_converter_is_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicError(BaseException):
        pass

    class Converter:
        def convert_with_local_state(self, latex: str, *, displaystyle: bool) -> str:
            raise PanicError("index out of bounds")

    monkeypatch.setattr(formulas.conversion, "_converter", Converter)
    assert convert("x", display=False) == UnsetFormula("index out of bounds")


def test_html_in_text_has_its_namespace() -> None:
    tree = ElementTree.fromstring(mathml(r"\textbf{a} + \log x"))
    assert tree.find(".//{http://www.w3.org/1999/xhtml}b") is not None


def test_macros_are_expanded() -> None:
    macros = parse(
        r"\newcommand{\norm}[1]{\lVert #1\rVert} \newcommand{\R}{\mathbb{R}}"
    )
    expected = mathml(r"\lVert x\rVert \in \mathbb{R}^n", display=False)
    assert convert(r"\norm{x} \in \R^n", display=False, macros=macros) == expected


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"a &= b \\ &= c", r"\begin{aligned}a &= b \\ &= c\end{aligned}"),
        (r"\begin{equation} a \end{equation}", " a "),
        ("a × b", r"a \times b"),
        ("重み", r"\text{重}\text{み}"),
        (r"\mathds{1}", r"\mathbf{1}"),
        (r"\text{if $x$}", r"{\text{if }x}"),
        (r"\R", r"\mathbb{R}"),
    ],
)
def test_latex_is_what_amsmath_reads(tex: str, expected: str) -> None:
    macros = parse(r"\newcommand{\R}{\mathbb{R}}")
    symbols = {"×": r"\times"}
    result = latex(tex, display=True, macros=macros, symbols=symbols)
    assert result == Translated(expected)


def test_tag_is_told_apart_from_the_formula() -> None:
    assert latex(r"a\tag{1}", display=True, symbols={}) == Translated("a", "(1)")
    assert latex(r"a\tag*{x}", display=True, symbols={}) == Translated("a", "x")
