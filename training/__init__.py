"""Phantom films with a known truth, instruction data, fine-tuning, and the demonstration model."""
