"""Makes folders that can be loaded of what some publishers give out instead."""
