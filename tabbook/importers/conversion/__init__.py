"""Convert foreign Markdown to the dialect, block by block."""
