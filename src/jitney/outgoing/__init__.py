"""The one hardened HTTP client: every call that leaves the process goes through here (R-075).

Used by doors outward only.
Nothing here knows what is asked or answered: bodies come back as octets and are logged nowhere.
"""
