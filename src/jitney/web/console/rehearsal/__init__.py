"""Rehearsal: the pages on which a provider is tried, and on which it is told what would happen."""
