"""Where users live: implements the sockets ``UserStore``, ``UserStores`` and ``Passwords`` of ``ports.py``.

A store answers what is in it; who may come in is decided elsewhere.
Users of a store in our own database are written by changes of the unit of work, rendered here.
Other doors outward may not be imported.
"""
