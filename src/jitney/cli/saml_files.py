"""Certificates as they stand in files: one after the other, each in PEM."""

from jitney.upstream.trials.certificates import split_certificates

__all__ = ["split_certificates"]
