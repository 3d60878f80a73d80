import secrets

from ...tools.passwords import KINDS, generate


def test_a_first_password_has_every_kind_of_character():
    """[G02] So it fits whatever rule the company sets."""
    password = generate(10, secrets.choice)
    assert len(password) == 10
    assert all(set(password) & set(kind) for kind in KINDS)
    assert generate(10, secrets.choice) != password
