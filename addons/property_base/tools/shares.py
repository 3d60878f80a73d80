""" The owners' shares of one unit, day by day. """

# A hair above 100 %: shares have two digits, and their sum is a float.
MAX_TOTAL = 100.005


def find_excess(spans):
    """ The first day on which the shares exceed 100 %, as (index of a span, day, total), or None.

    :param spans: list of (start, end or None, share), both days inclusive
    """
    # Shares only grow on the first day of a span, so those days are enough.
    for index, (day, _end, _share) in sorted(enumerate(spans), key=lambda item: item[1][0]):
        total = sum(
            share for start, end, share in spans if start <= day and (end is None or end >= day))
        if total > MAX_TOTAL:
            return index, day, total
    return None
