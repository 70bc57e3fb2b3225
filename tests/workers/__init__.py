"""What happens later: tasks, previews, text, on both brokers."""
