"""Instruments: what a fitted network does as it reads and as it learns."""
