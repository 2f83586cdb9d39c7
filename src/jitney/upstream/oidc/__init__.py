"""OpenID Connect upstream: discovery, keys, the trip, ID tokens, UserInfo, logout tokens (OIDC Core 1.0)."""
