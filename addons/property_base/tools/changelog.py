"""What is new, read from a CHANGELOG of Markdown: `## version (date)`, then `- ` items."""

import re
from datetime import date

RELEASE = re.compile(r'## (?P<version>[\d.]+) \((?P<date>\d{4}-\d\d-\d\d)\)')


def parse(text):
    """The releases, newest first as they are written.

    :rtype: list[tuple[str, date, list[str]]]
    """
    releases = []
    for line in text.splitlines():
        if match := RELEASE.fullmatch(line.strip()):
            releases.append((match['version'], date.fromisoformat(match['date']), []))
        elif releases and line.startswith('- '):
            releases[-1][2].append(line[2:].strip())
        elif releases and releases[-1][2] and line.startswith('  '):
            releases[-1][2][-1] += ' ' + line.strip()
    return releases
