"""What the repository promises about itself: scripts, settings, documents."""
