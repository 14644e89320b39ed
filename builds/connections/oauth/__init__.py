"""Connections that somebody signs in for in a browser, at the git server itself (OAuth 2.0)."""
