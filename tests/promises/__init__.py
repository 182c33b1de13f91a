"""A package, so that one installation serves its tests and is closed behind them."""
