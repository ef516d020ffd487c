"""Taggers, translators and language models side by side."""
