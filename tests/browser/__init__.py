"""A package, so that one browser serves its tests and is closed behind them."""
