"""Writes to stores outside our database: reserve here, create there, publish here; and what a crash leaves.

There is no transaction over two stores, so ours decides, the other follows, and ours publishes (jit.md 11).
"""
