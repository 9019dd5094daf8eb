"""Replay: a ruleset over the past, and what it would have told."""
