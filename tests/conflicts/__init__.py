"""Where rules contradict each other: the reading settled for each conflict of the first regulations, one test for each id."""
