"""Convert a section's Markdown to the notebook that MyST-NB renders."""
