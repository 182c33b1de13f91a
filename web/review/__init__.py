"""What the pages and the API of a review share."""
