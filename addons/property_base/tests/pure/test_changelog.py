from datetime import date

from ...tools.changelog import parse

TEXT = """\
# What is new

## 2.0 (2026-03-01)
- One thing,
  told over two lines.
- Another.

Not an item.

## 1.0 (2025-12-31)
- The first.
"""


def test_releases_with_their_items():
    """[A63] Newest first, an item may go over several lines."""
    assert parse(TEXT) == [
        ('2.0', date(2026, 3, 1), ["One thing, told over two lines.", "Another."]),
        ('1.0', date(2025, 12, 31), ["The first."]),
    ]


def test_items_before_the_first_release_belong_to_none():
    assert parse("- Lost\n\n## 1.0 (2026-01-01)\n") == [('1.0', date(2026, 1, 1), [])]
