"""Forecasters side by side, by their errors from the same moments of the past."""
