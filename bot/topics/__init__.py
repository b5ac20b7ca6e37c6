"""The keyword file and an item become matches that carry their reasons."""
