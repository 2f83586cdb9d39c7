"""Roles in the console: the list, adding and removing."""
