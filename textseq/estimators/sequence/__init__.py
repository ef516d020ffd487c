"""Whole sequences, texts or series, to labels or a number."""
