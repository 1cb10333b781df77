"""Read a book's sources: the dialect, sections, labels, terms."""
