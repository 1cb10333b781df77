"""The dialect's prose as tokens of markdown-it: parsed once, read by every consumer.

``parse`` turns the texts of a section into tokens. Lint, notebooks and pages read these
and nothing else; what each kind of token carries is listed in ``tokens``.
"""

from tabbook.source.markdown.parser import parse, parser

__all__ = ["parse", "parser"]
