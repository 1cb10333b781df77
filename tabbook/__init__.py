"""One Markdown source per section to verified notebooks and a tabbed page."""

__version__ = "0.1.0"
