"""Classifiers and regressors side by side, by their scores on the same test rows."""
