"""Run one Sphinx application after another in the same process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sphinx_session() -> Iterator[None]:
    """Hide the registrations of a Sphinx application from the next one in this process.

    Sphinx forgets neither the nodes and directives that it registers with docutils nor
    the messages of a language: a book in another language would show them.
    """
    from sphinx import locale
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    locale.translators.clear()
    with patch_docutils(), docutils_namespace():
        yield
