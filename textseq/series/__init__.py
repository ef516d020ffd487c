"""Time series: long frames to panels, metrics, and the forecasts that need no network."""
