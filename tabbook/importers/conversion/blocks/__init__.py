"""Convert blocks: headings, lists, tables, formulas, fences, figures."""
