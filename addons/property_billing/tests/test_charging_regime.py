from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import BillingCommon


@tagged('post_install', '-at_install')
class TestChargingRegime(BillingCommon):
    """[B02] Lump sum: the property fee is income. Commission: it is the owners' (decision 24). """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit = cls._create_unit("1011")
        cls.income = cls._create_tariff(cls._create_fee("Property fee"))
        cls.fund = cls._create_tariff(cls._create_fee(
            "Property fee (commission)", nature='trust', tax_id=False, account_id=False))

    def test_lump_sum(self):
        self._assign(self.unit, self.income, '2026-01-01')
        with self.assertRaisesRegex(ValidationError, "Lump sum, so .* cannot be “Held in trust”"):
            self._assign(self.unit, self.fund, '2026-01-01')

    def test_commission(self):
        """ Its own services are still its income, and gas is the gas works'. """
        self.project.charging_regime = 'commission'
        self._assign(self.unit, self.fund, '2026-01-01')
        for name, vals in (
            ("Repair", {'category': 'special'}),
            ("Gas", {'nature': 'agency', 'tax_id': False, 'account_id': False}),
        ):
            self._assign(
                self.unit, self._create_tariff(self._create_fee(name, **vals)), '2026-01-01')
        with self.assertRaisesRegex(ValidationError, "Commission, so .* cannot be “Own income”"):
            self._assign(self.unit, self.income, '2026-01-01')

    def test_no_other_regime_while_fees_contradict_it(self):
        assignment = self._assign(self.unit, self.income, '2026-01-01')
        with self.assertRaisesRegex(
            ValidationError, "units pay Property fee, which Commission"
        ), self.env.cr.savepoint():
            self.project.charging_regime = 'commission'
        assignment.date_end = '2026-01-31'
        self.project.charging_regime = 'commission'

    def test_no_other_class_while_units_contradict_it(self):
        self.project.charging_regime = 'commission'
        fee = self.income.fee_id
        fee.category = 'special'
        self._assign(self.unit, self.income, '2026-01-01')
        with self.assertRaisesRegex(ValidationError, "cannot be “Own income”"):
            fee.category = 'public'
