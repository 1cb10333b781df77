"""Check code cells and tabs: fences, tab lines, slide marks, syntax, blanks."""
