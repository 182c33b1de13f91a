"""Where a model runs: in this process, or behind an endpoint."""
