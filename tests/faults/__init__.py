"""What happens when processes die, services go away and writers meet."""
