"""A Comparison as a table, as plots and as one HTML page."""
