"""Verbs: serve applications as an OpenID Provider.

Here authorization requests are checked, codes and tokens issued, redeemed and revoked.
Nothing here knows HTTP, and nothing here signs anybody in: that is ``signin/``.
"""
