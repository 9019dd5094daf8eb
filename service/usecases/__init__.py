"""What the service does, whoever asks and however the answer travels."""
