"""Plan which notebooks are stale, and run them."""
