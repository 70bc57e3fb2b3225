"""The registry of rules: for each id what carries it and which tests name it. docs/regulations.md is generated from it."""
