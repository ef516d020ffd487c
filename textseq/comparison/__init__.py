"""Models side by side: same split, same tokens, several seeds, paired tests."""
