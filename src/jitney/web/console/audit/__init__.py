"""The audit log in the console: who did what, to whom, and when."""
