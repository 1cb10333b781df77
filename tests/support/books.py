"""How configurations of made-up books begin."""

from __future__ import annotations

from collections.abc import Callable

from tabbook.base.config import Config

HEAD = """[project]
title = 本
lang = ja
[build]
notebooks = index.md chapter_*/*.md
resources = data
tabs = left, right
"""
"""How the configuration of a book with two frameworks begins."""

DEFAULT = f"""{HEAD}[tabbook]
timeout = 5
"""
"""A book with two frameworks that are nothing but Python."""

MakeBook = Callable[..., Config]
"""``make_book(files, config)``: write a book, return its configuration."""
