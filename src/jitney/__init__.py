"""Jitney: an identity broker that provisions people just in time."""

__version__ = "0.1.0"
