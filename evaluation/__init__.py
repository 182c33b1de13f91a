"""How good a model is: its figures on films with a known truth."""
