"""What goes wrong in front of a person: one sentence what, one sentence what to do."""

import errno
import re

NO_NETWORK = re.compile(
    r"Could not resolve|Temporary failure (in name resolution|resolving)|Name or service not known"
    r"|Network is unreachable|Could not connect|Connection refused|Connection timed out"
    r"|Max retries exceeded|NewConnectionError|Cannot initiate the connection|No route to host",
    re.IGNORECASE,
)
DISK_FULL = re.compile(
    r"No space left on device|not enough free space|Disk quota exceeded", re.IGNORECASE
)


class Problem(Exception):
    """Stops the command; the text is all that is shown, so it says what to do."""

    def __init__(self, what, todo):
        super().__init__(f"{what}\n  -> {todo}")
        self.what = what
        self.todo = todo


def disk_full(where):
    return Problem(
        f"The disk is full ({where}).",
        "Free about 3 GB there, or set PROPERTY_HOME to a folder on another disk; then run the "
        "same command again, it goes on where it stopped.",
    )


def no_network(what, output):
    return Problem(
        f"No network: {what} could not be reached.\n{tail(output)}",
        "Check the connection (or the proxy in http_proxy and https_proxy) and run the same "
        "command again, it goes on where it stopped.",
    )


def explain(what, output):
    """The problem behind a failed download or install, read from the tool's own output."""
    if DISK_FULL.search(output):
        return disk_full(what)
    if NO_NETWORK.search(output):
        return no_network(what, output)
    return Problem(
        f"{what} failed.\n{tail(output)}",
        "Run the same command again; if it fails again, the lines above say why.",
    )


def tail(output, lines=8):
    return "\n".join("    " + line for line in output.strip().splitlines()[-lines:])


def is_disk_full(error):
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
