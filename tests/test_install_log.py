"""What Odoo complains about while it installs our add-ons is a fault of theirs."""

import re

LINE = re.compile(r"^\d{4}-\d\d-\d\d \S+ \d+ (WARNING|ERROR|CRITICAL) \S+ (?P<logger>\S+):")


def test_installing_the_add_ons_warns_of_nothing(suite):
    """Registry, fields, schema, views, access rights: every logger counts.

    Of Python's own warnings only those count that name a file of ours.
    """
    found = []
    log = suite.templates.install_log(suite.template).read_text(encoding="utf-8")
    assert "Loading module property_base" in log, "the log of the installation is gone"
    for line in log.splitlines():
        match = LINE.match(line)
        if match and (match["logger"] != "py.warnings" or "/addons/property_" in line):
            found.append(line)
    assert not found, "\n".join(found)
