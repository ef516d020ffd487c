"""Waves to frames: audio files, log-mel spectra and their changes over time."""
