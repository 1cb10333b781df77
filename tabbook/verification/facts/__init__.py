"""Check the claims of the text against the committed notebooks."""
