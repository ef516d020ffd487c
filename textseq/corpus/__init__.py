"""Corpora that memory need not hold: read some rows at a time, their tokens kept in files."""
