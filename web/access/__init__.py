"""Who comes in, and what each one may do."""
