"""Check the sources of a book without running code or changing files.

``lint(book)`` returns every problem with its file, line and name. ``problems`` declares
the names, ``linter`` lists the checks; each module of the folders checks one subject.
"""

from tabbook.lint.linter import lint
from tabbook.lint.problems import PROBLEMS

__all__ = ["PROBLEMS", "lint"]
