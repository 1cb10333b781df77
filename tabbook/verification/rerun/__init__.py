"""Run one committed notebook again with nbval and compare its outputs strictly."""
