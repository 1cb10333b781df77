"""What tests and benchmarks share: made-up books, tables of examples, a browser."""
