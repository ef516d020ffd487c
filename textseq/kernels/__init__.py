"""Compiled kernels, for the few loops where NumPy and torch leave the machine idle."""
