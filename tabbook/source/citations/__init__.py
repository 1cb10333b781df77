"""Citations: .bib files, the entries that a book cites, and their text."""
