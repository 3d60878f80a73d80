""" Which browser prints. Only the standard library: ./property reads this very file. """
import shutil

EXECUTABLES = (
    'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome',
)


def find_chromium(configured: str | None = None) -> str | None:
    """ The path of the browser: the configured one, or else the first that is installed. """
    for name in (configured,) if configured else EXECUTABLES:
        if path := shutil.which(name):
            return path
    return None
