"""Sequences to a tag for every step."""
