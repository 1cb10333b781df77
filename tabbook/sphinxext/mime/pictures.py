"""Pictures in a type that MyST-NB does not know."""

from __future__ import annotations

import hashlib
from binascii import a2b_base64

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer

WEBP = "image/webp"


def picture(renderer: NbElementRenderer, data: MimeData) -> list[nodes.Node]:
    """Write a picture beside MyST-NB's and return its node."""
    content = a2b_base64(data.content)
    name = f"{hashlib.sha256(content).hexdigest()}.webp"
    image = nodes.image(uri=renderer.write_file([name], content, exists_ok=True))
    options = data.cell_metadata.get("mystnb", {}).get("image", {})
    size = data.output_metadata.get(data.mime_type, {})
    for key in ("alt", "width", "height"):
        if value := size.get(key) or options.get(key):
            image[key] = str(value)
    return [image]
