"""Text to tokens, tokens to ids, ids to vectors."""
