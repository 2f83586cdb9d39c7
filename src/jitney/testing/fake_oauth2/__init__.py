"""The rooms behind ``fake_oauth2_provider``: what it is told to be, and its lies.

Nothing in this folder may import Jitney's own token or provider code.
"""
