"""Word vectors: read from files of any form, found by name, trained, kept for the next time."""
