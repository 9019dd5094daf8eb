"""Tuning: what other thresholds and points would have told of the past."""
