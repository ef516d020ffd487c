"""Sequences to sequences of another length."""
