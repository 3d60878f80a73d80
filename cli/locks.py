"""File locks: the kernel drops them with the process, so a crash leaves nothing to clean up."""

import fcntl
import os
from contextlib import contextmanager

from .progress import say


@contextmanager
def held(path, waiting_for):
    """Wait for the lock, saying so once."""
    with open(path, "a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run that is {waiting_for} …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle


def try_exclusive(path, note=""):
    """The lock's open file, or None when another process has it; read `holder` then."""
    handle = open(path, "a+", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    handle.truncate(0)
    handle.write(note or str(os.getpid()))
    handle.flush()
    return handle


def holder(path):
    return path.read_text(encoding="utf-8").strip()


class Users:
    """Counts the processes that use a thing: each holds a shared lock, the last one is told so."""

    def __init__(self, path):
        self.path = path
        self.handle = None

    def join(self):
        self.handle = open(self.path, "a+", encoding="utf-8")
        fcntl.flock(self.handle, fcntl.LOCK_SH)

    def leave(self):
        """True when no other process uses the thing any more."""
        if self.handle is None:
            return False
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False
        finally:
            self.handle.close()
            self.handle = None
