"""The training loop: batches in, fitted weights and a history out."""
