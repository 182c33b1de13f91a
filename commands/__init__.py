"""What the subcommands of `firstread` do; the front door imports each only when it is called."""
