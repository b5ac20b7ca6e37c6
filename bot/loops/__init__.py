"""The verbs of the program: poll, deliver, housekeep. They call things in order and decide nothing."""
