"""Pages, labels, numbers and links between them."""
