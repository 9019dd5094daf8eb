"""Commands for those who run the service; each imports what it needs when it runs."""
