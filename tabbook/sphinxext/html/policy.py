"""The Content-Security-Policy of pages: scripts that run, and sites they load from.

Pages are files, which no server sends headers with, so the policy stands in their head.
Templates mark the scripts inside a page with a nonce that each build draws anew; in the
finished page, the digests of these scripts take its place. A script that an output or a
source brings has no nonce, and does not run.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from typing import Any, ClassVar

from docutils import nodes
from jinja2.bccache import Bucket, BytecodeCache
from sphinx.application import Sphinx
from sphinx.config import Config as SphinxConfig
from sphinx.jinja2glue import BuiltinTemplateLoader

from tabbook.base.config import Config
from tabbook.sphinxext.assets import minify
from tabbook.sphinxext.assets.sheets import lightest
from tabbook.sphinxext.modes import Draft
from tabbook.sphinxext.settings import book_of

NONCE = secrets.token_hex(16)
"""Mark of the theme's own scripts, which no author of a page can know."""

OWN = re.compile(
    rf'<(?P<tag>script|style) nonce="{NONCE}">(?P<text>.*?)</(?P=tag)>', re.S
)
"""A script or style sheet of the theme inside of a page."""

SCRIPTS = "{scripts}"
"""Place in a policy for the scripts inside of a page."""

LIVE = "ws://127.0.0.1:* ws://localhost:*"
"""Where a draft learns of a newer one."""


def setup(app: Sphinx) -> None:
    """Register the handler that inserts the policy; a new one rewrites all pages."""
    app.add_config_value("tabbook_policy", "", "html", str)
    app.connect("config-inited", _configure)
    app.connect("html-page-context", _add)


def policy(config: Config, *, scripts: str = "", live: str = "") -> str:
    """Return the policy of pages without scripts in outputs.

    :param scripts: sources that name the scripts inside of a page.
    :param live: other addresses than the page's own that its scripts connect to.
    """
    inline = "'unsafe-inline'"
    here = " ".join(["'self'", *config.origins])
    anywhere = "'self' http: https:"
    directives = {
        "default-src": here,
        "script-src": f"{here} {inline if config.source_scripts else scripts}",
        "style-src": f"{here} {inline}",
        "font-src": f"{here} data:",
        "connect-src": f"{here} {live}",
        "img-src": f"{anywhere} data: blob:",
        "media-src": f"{anywhere} data: blob:",
        "frame-src": anywhere,
        "base-uri": "'self'",
        "form-action": here,
    }
    return "; ".join(f"{name} {value.rstrip()}" for name, value in directives.items())


def with_digests(page: str) -> str:
    """Replace the nonce of a finished page by digests of the scripts that have it.

    They and the style sheets that have it are minified first.
    """
    page = OWN.sub(_minified, page)
    scripts = (own for own in OWN.finditer(page) if own["tag"] == "script")
    digests = dict.fromkeys(_digest(own["text"]) for own in scripts)
    named = page.replace(_source(f"nonce-{NONCE}"), " ".join(map(_source, digests)))
    return named.replace(f' nonce="{NONCE}"', "")


class Compiled(BytecodeCache):
    """What this process has compiled: each build would compile the same templates."""

    _buckets: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load a template, if it was compiled before."""
        if bucket.key in self._buckets:
            bucket.bytecode_from_string(self._buckets[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        self._buckets[bucket.key] = bucket.bytecode_to_string()


class Templates(BuiltinTemplateLoader):
    """Sphinx's templates; their pages name scripts by digests and load little."""

    def init(self, *arguments: Any, **named: Any) -> None:
        """Let Jinja compile each template once in this process."""
        super().init(*arguments, **named)
        self.environment.bytecode_cache = Compiled()

    def render(self, template: str, context: dict[str, Any]) -> str:  # type: ignore[override]
        """Return the finished page."""
        return lightest(with_digests(super().render(template, context)), context)


def _minified(own: re.Match[str]) -> str:
    text = {"script": minify.script, "style": minify.style}[own["tag"]](own["text"])
    return f'<{own["tag"]} nonce="{NONCE}">{text}</{own["tag"]}>'


def _configure(app: Sphinx, config: SphinxConfig) -> None:
    """Choose the policy; where scripts of outputs run, there is none."""
    config["template_bridge"] = f"{__name__}.{Templates.__name__}"
    book_config = book_of(app).config
    if not book_config.output_scripts:
        live = LIVE if isinstance(config.tabbook_mode, Draft) else ""
        config["tabbook_policy"] = policy(book_config, scripts=SCRIPTS, live=live)


def _add(
    app: Sphinx,
    name: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Pass the policy and the nonce to the template of a page."""
    source = _source(f"nonce-{NONCE}")
    context["nonce"] = NONCE
    context["policy"] = app.config.tabbook_policy.replace(SCRIPTS, source)


def _source(name: str) -> str:
    return f"'{name}'"


def _digest(script: str) -> str:
    sha = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(sha).decode()}"
