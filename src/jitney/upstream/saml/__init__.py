"""SAML 2.0 upstream: we are the service provider (Web Browser SSO and Single Logout profiles)."""
