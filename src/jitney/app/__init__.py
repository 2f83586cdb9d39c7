"""The switchboard: settings → doors → verbs → web; the only room that knows every other.

Read ``doors``, ``verbs``, ``web`` and ``server`` in this order, each from top to bottom.
No rule lives here, and nobody but the command line imports it.
"""

from jitney.app.server import House, Server, build

__all__ = ["House", "Server", "build"]
