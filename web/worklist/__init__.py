"""The worklist's pages: filters in addresses, lists that are shared by many, and live news."""
