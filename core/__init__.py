"""The words that every package shares; imports nothing else of the project."""
