"""Cells and tabs: d2lbook's own reading of a source, and what is built on it."""
