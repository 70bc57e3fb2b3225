"""Each rule switched off by itself: whoever does not miss it has no test for it."""
