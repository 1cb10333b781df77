"""Cells and tabs, by d2lbook's own reader."""
