"""Changes to the document tree that are the same for every format of the book."""
