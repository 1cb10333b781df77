"""Live preview: rebuild pages on save, execute changed notebooks, reload browsers."""

from tabbook.preview.server import serve

__all__ = ["serve"]
