"""What administrators and auditors do in the reading room; pages and the JSON API do the same."""
