"""What a study's page shows beside the film itself."""
