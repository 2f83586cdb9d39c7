"""Purposes in the console: what people are asked to agree to, in the words that they read."""
