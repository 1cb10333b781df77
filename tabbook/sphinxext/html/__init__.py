"""HTML pages: what a node becomes, what stands around the text, search."""
