"""A real browser on a real server with the demo organisation, in Chinese and in English."""
