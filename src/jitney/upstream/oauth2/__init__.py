"""Plain OAuth 2.0 upstream: a code, a token, and a call that says whose token it is (RFC 6749)."""
