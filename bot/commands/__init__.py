"""The command line, a file a room: what is asked in a terminal becomes what is printed, and an exit code."""
