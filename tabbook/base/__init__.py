"""What every other folder may import: configuration, errors, files, the repository."""
