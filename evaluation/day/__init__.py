"""A hospital's day, replayed as fast as the machine allows."""
