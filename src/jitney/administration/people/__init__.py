"""People: found, changed, locked, linked and removed; and the operators among them."""
