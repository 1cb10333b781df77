"""Claims of the text, and the facts and cells that they are tied to."""
