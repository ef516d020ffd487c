"""How much longer ten times the text takes."""

import time

import polars as pl
import pytest


def assert_linear(tokenizer, piece, n, ending=""):
    """Cut ``n`` characters and ten times as many; the longer takes at most thirty times as long."""
    texts = [pl.Series([piece * (size // len(piece)) + ending]) for size in (n, 10 * n)]

    def seconds(text):
        start = time.process_time()
        tokenizer.tokenize(text)
        return time.process_time() - start

    short = long = float("inf")
    for number in range(15):  # the least of three runs or more: other work slows some of them
        short, long = min(short, seconds(texts[0])), min(long, seconds(texts[1]))
        # Squared time would take a hundred times as long. What fits into a processor's cache once
        # and not the other time takes up to twenty, though every step is linear.
        # Ten milliseconds of grace, for what is too fast to time.
        if number >= 2 and long < 30 * short + 0.01:
            return
    pytest.fail(f"{short:.3f} s for {n:,} characters, {long:.3f} s for ten times as many")
