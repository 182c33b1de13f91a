"""TLS on both sides of the edge: the listener's second port, and connections to peers."""
