""" First passwords, to be read out on the phone and typed once. """

# Without what looks alike: 0 O, 1 l I.
KINDS = ('abcdefghijkmnpqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '#%+=?')


def generate(length, choice):
    """ Characters of every kind in turn, so that it fits any rule.

    :param choice: picks one of a string, as `secrets.choice`
    """
    return ''.join(choice(KINDS[place % len(KINDS)]) for place in range(length))
