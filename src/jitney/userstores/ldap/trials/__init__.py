"""The steps of a diagnosis: each tries one thing, says how to mend it, and leaves nothing behind."""
