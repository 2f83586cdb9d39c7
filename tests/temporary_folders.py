"""Puts the temporary folders of a run into memory, where there is room: no test waits for a disk.

Databases still ask for every fsync, and a process that is killed loses what it would lose on a disk.
"""

import os
import tempfile
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")
_ROOM = 4 * 1024**3
"""Bytes that must be free: a run takes far less, and whatever else the machine does needs some too."""


def use_memory() -> None:
    """Let ``tempfile``, pytest and the programs that are started put their folders there.

    A ``TMPDIR`` that somebody has set is left as it is.
    """
    if "TMPDIR" not in os.environ and _has_room():
        os.environ["TMPDIR"] = str(_IN_MEMORY)
        tempfile.tempdir = None


def _has_room() -> bool:
    if not (_IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK)):
        return False
    found = os.statvfs(_IN_MEMORY)
    return found.f_bavail * found.f_frsize >= _ROOM and not found.f_flag & os.ST_NOEXEC
