"""Vectors to hidden states, hidden states to outputs."""
