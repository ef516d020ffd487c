"""What the caller has, to what networks read, the same way at every moment."""
