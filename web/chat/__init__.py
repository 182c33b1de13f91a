"""What the pages and calls about questions to a model share."""
