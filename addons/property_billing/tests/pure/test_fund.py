""" Money that is others'. """
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from ...tools.fund import Supply, commission, sums_on_supplied_days, supplier_price

CENT = Decimal('0.01')


@pytest.mark.parametrize(('base', 'percent', 'figures'), [
    ('15444.00', 5, ('772.20', '728.49', '43.71')),
    ('57622.50', 10, ('5762.25', '5436.08', '326.17')),
])
def test_the_managers_part_with_its_vat(base, percent, figures):
    """ [decision 24] 5 % of 15,444.00 with 6 % VAT in it. """
    assert tuple(map(str, commission(Decimal(base), Decimal(percent), Decimal(6), CENT))) == figures


def test_what_a_kilowatt_hour_cost_the_manager():
    """ 0.60; with 31 of 61 days of a bill of two months (6,000 + 3,100) ÷ (10,000 + 3,100). """
    march, april, may = (date(2026, month, 1) for month in (3, 4, 5))
    bills = [Supply(Decimal(6000), Decimal(10000), march, april)]
    assert supplier_price(bills, march, april) == Decimal('0.6')
    assert supplier_price(bills, april, may) is None
    bills.append(Supply(Decimal('6100'), Decimal('6100'), march, may))  # 31 of 61 days
    assert supplier_price(bills, march, april) == Fraction(9100, 13100)


def test_what_was_charged_and_what_was_asked():
    """ 30.00 of March for 27.00; of half a month 14.52 for 14.00, since the rest is not billed yet.
    Two bills of the same days count both, their days once.
    """
    march, middle, april, may = (
        date(2026, 3, 1), date(2026, 3, 16), date(2026, 4, 1), date(2026, 5, 1))
    charged = [(Decimal(30), march, april), (Decimal(60), april, may)]

    def sums(*supplies):
        return sums_on_supplied_days(charged, supplies, march, april)

    assert sums(Supply(Decimal(27), Decimal(1), march, april)) == (30, 27)
    half = Supply(Decimal(14), Decimal(1), march, middle)
    assert sums(half) == (Fraction(450, 31), 14)
    assert sums(half, half) == (Fraction(450, 31), 28)
    assert sums(half, Supply(Decimal(16), Decimal(1), middle, april)) == (30, 30)
    assert sums(Supply(Decimal(61), Decimal(1), march, may)) == (30, 31)
    assert sums(Supply(Decimal(9), Decimal(1), april, may)) == (0, 0)
