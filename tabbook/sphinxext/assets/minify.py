"""Style sheets and scripts without comments and blanks."""

from __future__ import annotations

import functools


@functools.cache
def script(text: str) -> str:
    """Return a script that does the same."""
    import rjsmin

    return str(rjsmin.jsmin(text))


@functools.cache
def style(text: str) -> str:
    """Return a style sheet that means the same."""
    import rcssmin

    return str(rcssmin.cssmin(text))


BY_SUFFIX = {".css": style, ".js": script}
"""What to call for a file, by its suffix."""
