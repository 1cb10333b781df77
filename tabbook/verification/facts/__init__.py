"""Check that committed notebooks print what the text claims."""
