"""Counts become a picture: what to draw is decided here, and drawn in a process of its own that can be killed."""
