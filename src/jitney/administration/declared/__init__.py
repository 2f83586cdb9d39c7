"""A declaration of all that shall be: checked, planned, and brought about through the other rooms."""
