"""Compile sections to notebooks, store their outputs, record which were verified."""
