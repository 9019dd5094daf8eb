"""Indicators from registers: each is one small unit, computed as of a day from what was known."""
