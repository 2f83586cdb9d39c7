"""An identity provider goes, and the people whom it brought with it: planned first, then one person a commit."""
