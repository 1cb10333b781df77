"""The parser: CommonMark, what pandoc adds to it, and the dialect's marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML, RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.subscript import sub_plugin
from mdit_py_plugins.superscript import superscript_plugin

from tabbook.source.markdown import images, marks, math, places, structure, tables

InlineRule = Callable[[StateInline, bool], bool]


def parser(
    renderer: Callable[[MarkdownIt], RendererProtocol] = RendererHTML,
) -> MarkdownIt:
    """Return a parser of the dialect's prose.

    :param renderer: the renderer's class, as ``MarkdownIt`` takes it.
    """
    md = MarkdownIt("commonmark", renderer_cls=renderer)
    md.enable(["table", "strikethrough"])
    md.options["tasklists"] = True
    md.options["strikethrough_single_tilde"] = False
    md.use(deflist_plugin)
    md.use(footnote_plugin, inline=False, move_to_end=False)
    md.use(amsmath_plugin)
    md.use(attrs_plugin, spans=True, span_after="footnote_ref")
    md.use(sub_plugin)
    md.use(superscript_plugin)
    for module in (math, marks, images, tables, places, structure):
        md.use(module.plugin)
    record_spans(md)
    return md


def parse(texts: Iterable[str]) -> list[list[Token]]:
    """Return the tokens of each text of a section.

    The texts share what they define: footnotes, and addresses of links.
    """
    env: dict[str, Any] = {}
    blocks = []
    with _PARSER.reset_rules():
        rules = _PARSER.core.ruler.get_active_rules()
        _PARSER.core.ruler.enableOnly(rules[: rules.index("inline")])
        for text in texts:
            blocks.append((text, _PARSER.parse(text, env)))
    with _PARSER.reset_rules():
        rules = _PARSER.core.ruler.get_active_rules()
        _PARSER.core.ruler.enableOnly(rules[rules.index("inline") :])
        for text, tokens in blocks:
            state = StateCore(text, _PARSER, env, tokens)
            _PARSER.core.process(state)
            tokens[:] = state.tokens
    return [tokens for _, tokens in blocks]


def record_spans(md: MarkdownIt) -> None:
    """Make each inline rule record where its tokens are, in ``meta["span"]``."""
    names = md.inline.ruler.get_active_rules()
    for name, rule in zip(names, md.inline.ruler.getRules(""), strict=True):
        if name != "text":
            md.inline.ruler.at(name, _recording(rule))


def _recording(rule: InlineRule) -> InlineRule:
    def recorded(state: StateInline, silent: bool) -> bool:
        """Apply the rule, and note where its new tokens are."""
        begin, count = state.pos, len(state.tokens)
        matched = rule(state, silent)
        if matched and not silent:
            for token in state.tokens[count:]:
                if token.type != "text":
                    token.meta.setdefault("span", (begin, state.pos))
        return matched

    return recorded


_PARSER = parser()
