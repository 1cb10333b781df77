"""Run committed notebooks again and compare every output."""
