import doctest

import pytest

from odoo.addons.property_base.tools import numbering


def test_doctests():
    assert doctest.testmod(numbering).failed == 0
