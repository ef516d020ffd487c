"""Series to their next values."""
