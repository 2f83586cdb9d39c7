"""The OpenID endpoints: they turn HTTP into a verb's call, and its answer into the words of RFC 6749.

No rule lives here.
"""
