"""Applications in the console: the list, registering, editing in parts, secrets, and trying one as somebody."""
