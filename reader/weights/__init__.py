"""How each family's weights are loaded: whatever needs torch and `transformers` for it."""
