"""One of several server processes: it ends when the process that started it is gone."""

import multiprocessing
import os
import signal
import threading
from multiprocessing.process import BaseProcess


def end_with_parent() -> None:
    """Stop gracefully, as on SIGTERM, as soon as the starting process has ended; without one this does nothing.

    Workers that outlive a killed parent would go on serving the port with yesterday's settings, unseen by whoever
    starts Jitney anew, who is told that the address is in use.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), name="parent-watch", daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
