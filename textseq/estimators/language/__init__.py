"""Texts to what comes next."""
