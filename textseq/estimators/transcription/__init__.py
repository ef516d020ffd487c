"""Waves to the symbols that are said in them: characters, words or phones."""
