"""What holds of every organisation and every history, however odd."""
