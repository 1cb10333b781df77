"""Check the text of a section: headings, marks, formulas, Japanese."""
