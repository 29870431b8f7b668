"""Processes beside this one that never outlive it."""

import multiprocessing
import os
import signal
import threading


def die_with_the_parent() -> None:
    """A worker ends when the process that started it does, however that ended; Ctrl-C is that one's to handle."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
