"""What people and systems meet: the command line now, the scoring service beside it."""
