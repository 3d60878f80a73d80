""" What a room of an HC workbook says of its fees. """
from datetime import date

import pytest

from odoo.addons.property_base.tools.workbook import Row, Sheet
from odoo.addons.property_billing.tools import hc

JUNE, JULY = date(2020, 6, 10), date(2020, 7, 10)


@pytest.mark.parametrize(('fees', 'starts', 'expected'), [
    ('1#2', '2020-06-10#2020-07-10', [('1', JUNE), ('2', JULY)]),
    ('1', '2020-6-10', [('1', JUNE)]),
    (' 1 # 2 ', '2020-06-10 # 2020-07-10', [('1', JUNE), ('2', JULY)]),
    (None, None, []), ('0', '2020-06-10', []), ('0#0', None, []),
])
def test_fees_of_a_room(fees, starts, expected):
    """ [B11] """
    assert hc.parse_room_fees(fees, starts) == (expected, None)


@pytest.mark.parametrize(('fees', 'starts', 'code', 'column'), [
    ('1#2', '2020-06-10', 'fee_starts_count', 'fee_starts'),
    ('1', None, 'fee_starts_count', 'fee_starts'),
    ('1', '2020-02-30', 'no_such_date', 'fee_starts'),
    ('1#2', '2020-06-10#soon', 'not_a_date', 'fee_starts'),
    ('1#1', '2020-06-10#2020-07-10', 'fee_twice', 'fees'),
])
def test_faults_of_a_room(fees, starts, code, column):
    fees, fault = hc.parse_room_fees(fees, starts)
    assert (fees, fault[:2]) == ([], (code, column))


@pytest.mark.parametrize(('basis', 'price', 'surcharge'), [('area', 1.3, 20), ('fixed', 20, 0)])
def test_price_of_a_fee(basis, price, surcharge):
    """ [B02] 1001 is area × price + surcharge, 2002 the fixed amount; the end is not charged. """
    row = Row(Sheet(hc.FEES, hc.FEES.titles[0], {}, {}), 2, {
        'basis': basis, 'price': 1.3, 'amount': 20.0, 'date_start': JUNE,
        'date_end': date(2037, 1, 1)}, True)
    assert hc.get_version(row) == {
        'date_start': JUNE, 'date_end': date(2036, 12, 31), 'price': price, 'surcharge': surcharge}
