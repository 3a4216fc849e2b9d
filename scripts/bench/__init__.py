"""Figures, printed. Benchmarks are no tests: nothing in the test suite asserts a time."""
