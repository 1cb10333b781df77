"""Folders that the engine writes: whose they are, and how they are replaced."""
