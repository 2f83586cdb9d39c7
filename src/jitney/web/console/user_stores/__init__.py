"""User stores in the console: the list, adding, editing in parts, trials, and removing."""
