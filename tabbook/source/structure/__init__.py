"""Pages, labels and their numbers: what refers to what in a book."""
