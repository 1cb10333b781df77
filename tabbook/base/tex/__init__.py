"""Read TeX, and expand the macros of a book."""
