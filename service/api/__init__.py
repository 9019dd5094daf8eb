"""The scoring service over HTTP: bytes in, answers or problems out."""
