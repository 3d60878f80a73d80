"""Every string that a user can see has its Chinese, in each of the places where it stands."""

import polib
import pytest

from cli import addons
from cli.paths import ADDONS


@pytest.fixture(scope="module")
def exported(suite):
    """What Odoo itself finds to translate, by add-on."""
    with suite.database() as instance:
        found = {}
        for name in addons.names():
            target = suite.state.run / f"{instance.database}-{name}.pot"
            instance.run(
                "-o", target, name, subcommand=["i18n", "export"], what=f"Exporting {name}"
            )
            found[name] = polib.pofile(str(target))
            target.unlink()
        yield found


@pytest.mark.parametrize("name", addons.names())
def test_every_string_is_translated(exported, name):
    path = ADDONS / name / "i18n/zh_CN.po"
    assert path.exists(), f"{path} does not exist"
    translated = {
        place
        for entry in polib.pofile(str(path))
        if entry.msgstr and "fuzzy" not in entry.flags and not entry.obsolete
        for place in places(entry)
        if is_loaded(entry, *place)
    }
    assert exported[name], "Odoo found nothing to translate"
    # Odoo translates a place, such as a field's label, only where the entry names it.
    missing = [
        f"{place[1]!r} ({place[2]})"
        for entry in exported[name]
        for place in places(entry)
        if place not in translated
    ]
    assert not missing, f"{len(missing)} not translated:\n" + "\n".join(missing)


def places(entry):
    return [(entry.msgctxt, entry.msgid, place) for place, _line in entry.occurrences]


def is_loaded(entry, _context, _text, place):
    """Odoo loads a term of code only where the entry's comment names its language."""
    if not place.startswith("code:"):
        return True
    return ("odoo-javascript" if "/static/" in place else "odoo-python") in entry.comment
