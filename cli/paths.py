"""Where things are: the checkout, and the state folder that everything else lives under."""

import os
import tempfile
from pathlib import Path

from .errors import Problem

ROOT = Path(__file__).resolve().parent.parent
ADDONS = ROOT / "addons"
CONFIG = ROOT / "config"
SYSTEM_HOME = Path("/var/lib/property")


class State:
    """The folders under PROPERTY_HOME. Odoo's data_dir is the folder itself: it has filestore/."""

    def __init__(self, home):
        self.home = Path(home)
        self.stack = self.home / "stack"
        self.log = self.home / "log"
        self.run = self.home / "run"
        self.filestore = self.home / "filestore"

    def prepare(self):
        try:
            for folder in (self.home, self.stack, self.log, self.run, self.filestore):
                folder.mkdir(parents=True, exist_ok=True)
            # mkdir succeeds on a folder that exists but belongs to somebody else
            with tempfile.TemporaryFile(dir=self.run):
                pass
        except OSError as error:
            raise Problem(
                f"The state folder {self.home} cannot be written ({error.strerror}).",
                "Set PROPERTY_HOME to a folder of yours, with an absolute path and 3 GB of room.",
            ) from error
        return self


def home(environ=None):
    """PROPERTY_HOME, else the user's data folder; for root a system folder.

    Root's own home is closed to others, and PostgreSQL, which never runs as root, could not enter.
    """
    environ = os.environ if environ is None else environ
    named = environ.get("PROPERTY_HOME")
    if named:
        return Path(named).absolute()
    if os.geteuid() == 0:
        return SYSTEM_HOME
    data = environ.get("XDG_DATA_HOME")
    if data:
        return Path(data).absolute() / "property"
    user_home = environ.get("HOME")
    if not user_home:
        raise Problem(
            "HOME is empty, so there is no place to keep Odoo and the database.",
            "Set PROPERTY_HOME to a folder of yours, with an absolute path and 3 GB of room.",
        )
    return Path(user_home).absolute() / ".local/share/property"


def state():
    return State(home()).prepare()
