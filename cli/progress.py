"""Progress lines with the seconds since the command started, also across a re-exec."""

import os
import sys
import time

STARTED = float(os.environ.get("PROPERTY_STARTED") or time.time())


def elapsed():
    return time.time() - STARTED


def say(text):
    print(f"[{elapsed():6.1f} s] {text}", flush=True)


def warn(text):
    print(f"[{elapsed():6.1f} s] note: {text}", file=sys.stderr, flush=True)
