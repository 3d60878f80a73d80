from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestSpaceKind(LedgerCommon):
    """[B02] 产权 · 人防 · 公共 · 公司自有: whose ground it is decides whose money it is. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot = cls.env['property.building'].create({
            'name': "P1", 'project_id': cls.project.id, 'is_parking_lot': True})
        cls.space = cls._create_unit(
            'P001', kind='parking', building_id=cls.lot.id, owner=cls.owner)
        cls.public_fee = cls._create_money_of_others(
            "Parking on common ground", 'trust', category='agency', fund_kind='public_revenue')
        cls.tariffs = {
            fee.nature: cls._create_tariff(fee)
            for fee in (cls.parking_fee, cls.public_fee, cls.water_fee,
                        cls._create_money_of_others("Card deposit", 'deposit'))}

    def _try(self, nature):
        try:
            with self.env.cr.savepoint():
                self._assign(self.space, self.tariffs[nature], '2026-01-01').unlink()
        except ValidationError:
            return False
        return True

    def test_which_money_each_kind_may_bring(self):
        """ Deposits and what is collected for others fit everywhere: they are income nowhere. """
        for kind, fitting in (
            (False, {'income', 'trust', 'agency', 'deposit'}),
            ('owned', {'income', 'trust', 'agency', 'deposit'}),
            ('civil_defence', {'income', 'trust', 'agency', 'deposit'}),
            ('common', {'trust', 'agency', 'deposit'}),
            ('company', {'income', 'agency', 'deposit'}),
        ):
            self.space.space_kind = kind
            with self.subTest(kind=kind):
                self.assertEqual({nature for nature in self.tariffs if self._try(nature)}, fitting)

    def test_common_ground_is_no_income(self):
        """ The error names the space, the fee and what fits. """
        self.space.space_kind = 'common'
        with self.assertRaisesRegex(
                ValidationError, "P001 is a space of the kind “Common ground”.*“Own income”, as "
                                 "Parking fee is.*Held in trust"):
            self._assign(self.space, self.tariffs['income'], '2026-01-01')

    def test_a_kind_that_is_found_out_later(self):
        """ What the space pays from today on must fit; what is over stays as it was. """
        self._assign(self.space, self.tariffs['income'], '2019-01-01', '2019-12-31')
        self.space.space_kind = 'common'
        self.space.space_kind = False
        self._assign(self.space, self.tariffs['income'], '2026-01-01')
        with self.assertRaisesRegex(ValidationError, "Common ground"):
            self.space.space_kind = 'common'

    def test_a_flat_has_no_kind_of_space(self):
        self.unit_1011.space_kind = 'common'
        self.assertTrue(self._assign(self.unit_1011, self.tariffs['income'], '2026-01-01'))

    def test_a_fee_for_one_kind(self):
        self.parking_fee.space_kind = 'company'
        self.space.space_kind = 'owned'
        with self.assertRaisesRegex(ValidationError, "Choose the fee of its kind"):
            with self.env.cr.savepoint():
                self._assign(self.space, self.tariffs['income'], '2026-01-01')
        self.space.space_kind = 'company'
        self._assign(self.space, self.tariffs['income'], '2026-01-01')
        with self.assertRaisesRegex(ValidationError, "Choose the fee of its kind"):
            self.parking_fee.space_kind = 'owned'

    def test_leases_are_no_way_round(self):
        self.space.space_kind = 'common'
        with self.assertRaisesRegex(ValidationError, "Common ground"):
            self.env['property.lease'].create({
                'project_id': self.project.id, 'partner_id': self.neighbour.id,
                'date_start': '2026-01-01', 'date_end': '2026-12-31',
                'line_ids': [Command.create({
                    'unit_id': self.space.id, 'fee_id': self.parking_fee.id, 'basis': 'fixed',
                    'price': 300})]})

    def test_a_lease_proposes_the_fee_of_the_kind(self):
        self.public_fee.space_kind = 'common'
        self.space.space_kind = 'common'
        lease = Form(self.env['property.lease'])
        lease.project_id = self.project
        lease.partner_id = self.neighbour
        with lease.line_ids.new() as line:
            line.unit_id = self.space
            self.assertEqual(line.fee_id, self.public_fee)

    def test_whose_money_the_ready_made_fees_are(self):
        """ 车位管理费, 人防车位费, 公共车位费, 车位租金: each for its kind of space. """
        for kind, nature, role in (
            ('owned', 'income', 'income'), ('civil_defence', 'agency', 'agency'),
            ('common', 'trust', 'public_revenue'), ('company', 'income', 'income'),
        ):
            fee = self.env.ref(f'property_billing.{self.company.id}_fee_parking_{kind}')
            self.assertEqual(
                (fee.space_kind, fee.nature, fee.account_id),
                (kind, nature, self.company._get_property_account(role)))

    def test_the_front_page_asks_for_kinds(self):
        def count():
            home = self.env['property.home'].with_user(self.manager).get_home()
            [card] = [card for card in home['cards'] if card['key'] == 'reminders']
            return sum(item['count'] for item in card['items'] if item['key'] == 'spaces')

        self.assertEqual(count(), 1)
        self.space.space_kind = 'owned'
        self.assertEqual(count(), 0)
