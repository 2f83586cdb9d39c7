"""The well-known identity providers as tables: what an operator need not look up.

One table a provider (``google.toml`` …), with the public pages that it was read from; ``loading`` fills it in.
Nothing here is called while somebody signs in: what comes out is a declaration like any other,
and everything in it can be written otherwise by the operator.
"""
