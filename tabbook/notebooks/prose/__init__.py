"""Turn the dialect's prose into Markdown for notebooks, with figures embedded."""
