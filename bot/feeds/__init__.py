"""The door to publishers: a feed file and the web become entries, and what went wrong becomes a cause."""
