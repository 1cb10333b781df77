"""Fold the solutions of a section's exercises on the section's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from tabbook.base.config.editions import Solutions
from tabbook.base.translations import texts
from tabbook.sphinxext.settings import BEGIN, book_of
from tabbook.sphinxext.transforms.folds import fold, fold_title
from tabbook.sphinxext.transforms.folds.advanced import is_advanced

FOLDED = "tabbook_folded"
"""Page metadata: the page ends with a section of solutions."""


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(FoldSolutions)


class FoldSolutions(SphinxTransform):
    """Fold each solution below its exercise, or all below the list of exercises.

    Each has its exercise where there are as many solutions as exercises.
    """

    default_priority = 860

    def apply(self, **kwargs: object) -> None:
        """Move the solutions from the end of the page to the exercises."""
        if not self.env.metadata[self.env.docname].get(FOLDED):
            return
        parts = _sections(self.document)
        first = next(at for at, part in enumerate(parts) if (part.line or 0) >= BEGIN)
        appendix, *more = parts[first:]
        parts = parts[:first]
        for part in (appendix, *more):
            self.document.remove(part)
        appendix += more
        titles = texts(self.config.language, "solutions")
        solutions = _sections(appendix)
        edition = book_of(self).config.edition
        if self.config.tabbook_framework or edition.solutions == Solutions.SHOWN:
            _unfold(appendix, solutions, titles)
            parts[-1] += appendix
            return
        rest = [node for node in appendix.children[1:] if node not in solutions]
        before = [_fold(titles["setup"], "solutions", rest)] if rest else []
        folds = [
            _fold_solution(number, solution, titles)
            for number, solution in enumerate(solutions, 1)
        ]
        exercises = _exercises(parts[-1])
        items = exercises.children if exercises else []
        if len(items) == len(folds):
            for item, each in zip(items, folds, strict=True):
                item.append(each)
            folds = []
        place, at = _below(exercises) if exercises else (parts[-1], len(parts[-1]))
        place[at:at] = before + folds


def _sections(node: nodes.Element) -> list[nodes.section]:
    return [child for child in node.children if isinstance(child, nodes.section)]


def _fold(title: str, name: str, content: list[nodes.Node]) -> fold:
    return fold("", fold_title(title, title), *content, ids=[name], classes=["fold"])


def _fold_solution(
    number: int, solution: nodes.section, titles: Mapping[str, str]
) -> fold:
    exercise = solution.next_node(nodes.title).astext()
    title = titles["solution"].format(exercise=exercise)
    return _fold(title, f"solution-{number}", solution.children[1:])


def _unfold(
    appendix: nodes.section, solutions: list[nodes.section], titles: Mapping[str, str]
) -> None:
    """Title the solutions as a section, for formats without folds."""
    appendix.children[0][:] = [nodes.Text(titles["solutions"])]
    for solution in solutions:
        title = solution.next_node(nodes.title)
        text = titles["solution"].format(exercise=title.astext())
        title[:] = [nodes.Text(text)]


def _exercises(page: nodes.Element) -> nodes.enumerated_list | None:
    """Return the page's last numbered list outside of folded parts."""
    lists = [
        exercises
        for exercises in page.findall(nodes.enumerated_list)
        if not any(map(is_advanced, _above(exercises)))
    ]
    return lists[-1] if lists else None


def _below(exercises: nodes.Element) -> tuple[nodes.Element, int]:
    """Return where to insert the solution of a whole list: below it."""
    last = exercises
    while not isinstance(last.parent, nodes.section):
        last = last.parent
    return last.parent, last.parent.index(last) + 1


def _above(node: nodes.Element) -> Iterator[nodes.Element]:
    """Yield the ancestors of a node, innermost first."""
    while node.parent is not None:
        node = node.parent
        yield node
