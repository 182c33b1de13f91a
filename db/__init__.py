"""What is true: models, sessions, the durable file store, intake, claims, deliveries."""
