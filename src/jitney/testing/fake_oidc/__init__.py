"""The rooms behind ``fake_oidc_provider``: its people, its keys, its manners, and its lies.

Honest code and lying code stand in different files here.
Nothing in this folder may import Jitney's own token or provider code.
"""
