"""Split a paragraph in two at a place in its text."""

from __future__ import annotations

from docutils import nodes


def split(paragraph: nodes.paragraph, at: int) -> nodes.paragraph:
    """Cut a paragraph; return what stood behind the place as a paragraph of its own.

    An element around the place, such as code, stays whole before it.

    :param at: characters of the paragraph's text that stay.
    """
    rest = nodes.paragraph()
    rest.source, rest.line = paragraph.source, paragraph.line
    begin = 0
    for child in list(paragraph.children):
        length = len(child.astext())
        if begin >= at:
            paragraph.remove(child)
            rest += child
        elif isinstance(child, nodes.Text) and begin + length > at:
            first, second = child[: at - begin], child[at - begin :]
            paragraph.replace(child, nodes.Text(first))
            rest += nodes.Text(second.lstrip())
        begin += length
    return rest
