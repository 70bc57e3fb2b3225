"""The front doors: JSON, pages, command line. Parse, call one act or one question, render."""
