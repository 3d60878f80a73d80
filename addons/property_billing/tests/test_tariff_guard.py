from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import BillingCommon


@tagged('post_install', '-at_install')
class TestTariffGuard(BillingCommon):
    """[B01] What is billed keeps its price: up to 31 March it is 100 m² at 1.3. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tariff = cls._create_tariff(cls._create_fee(), [
            ('2020-01-01', '2025-12-31', 1.2), ('2026-01-01', False, 1.3)])
        cls.former, cls.version = cls.tariff.version_ids.sorted('date_start')
        cls.unit = cls._create_unit("1011")
        cls._assign(cls.unit, cls.tariff, '2026-01-01')
        cls.run_march = cls._create_run('2026-03-31')
        cls.run_march.action_preview()
        cls.run_march.charge_ids._create_bills(cls.run_march.date_invoice)

    def _raise_price(self, day):
        return self.env['property.tariff.version'].with_user(self.manager).create({
            'tariff_id': self.tariff.id, 'date_start': day, 'price': 1.5})

    def assertBilled(self, change):
        with self.assertRaisesRegex(
            UserError, r"billed up to 2026-03-31 \(.*1011\).* on 2026-04-01 or later"
        ), self.env.cr.savepoint():
            change()

    def test_a_price_starts_after_what_is_billed(self):
        """ From 16 March it is refused, naming unit and day; from 1 April it is in force. """
        self.assertBilled(lambda: self._raise_price('2026-03-16'))
        self.assertBilled(lambda: self._raise_price('2026-03-31'))
        self._raise_price('2026-04-01')
        self.assertEqual(str(self.version.date_end), '2026-03-31')

    def test_the_price_of_a_bill_stays(self):
        version = self.version.with_user(self.manager)
        for vals in (
            {'price': 1.4}, {'surcharge': 1}, {'minimum': 200}, {'maximum': 50},
            {'component_ids': [Command.create({'basis': 'fixed', 'price': 5})]},
            {'date_start': '2026-02-01'}, {'date_end': '2026-03-15'},
        ):
            self.assertBilled(lambda vals=vals: version.write(vals))
        self.assertBilled(version.unlink)

    def test_its_parts_stay_as_well(self):
        self._reverse(self.run_march.move_ids, "Wrong price")
        self.version.component_ids = [Command.create({'basis': 'fixed', 'price': 5})]
        component = self.version.component_ids
        run = self._preview('2026-03-31')
        run.charge_ids._create_bills(run.date_invoice)
        self.assertBilled(lambda: component.write({'price': 6}))
        self.assertBilled(component.unlink)

    def test_no_other_tariff_takes_them_away(self):
        """ Moved to a tariff that bills nothing, neither the price nor a part of one is free. """
        other = self._create_tariff(self.tariff.fee_id, [('2020-01-01', False, 2)], name="Other")
        self.assertBilled(lambda: self.version.with_user(self.manager).write({
            'tariff_id': self._create_tariff(self.tariff.fee_id, [], name="Empty").id}))
        other.version_ids.component_ids = [Command.create({'basis': 'fixed', 'price': 5})]
        component = other.version_ids.component_ids.with_user(self.manager)
        self.assertBilled(lambda: component.write({'version_id': self.version.id}))

    def test_two_prices_of_one_day(self):
        """ Neither entered twice nor stretched over another one. """
        for change in (
            lambda: self._raise_price('2027-01-01').copy({'date_start': '2027-01-01'}),
            lambda: self.former.copy({'date_start': '2024-01-01', 'date_end': '2024-12-31'}),
        ):
            with mute_logger('odoo.sql_db'), self.assertRaises(
                    IntegrityError), self.env.cr.savepoint():
                change()

    def test_what_was_never_billed_is_free(self):
        """ A price before the first bill, the end of the last one after it. """
        self.former.price = 1.1
        self.version.write({'price': 1.3, 'date_end': '2026-12-31'})
        self.former.unlink()
        self.version.date_end = '2026-03-31'
        self.assertEqual(
            (self.version.price, str(self.version.date_end)), (1.3, '2026-03-31'))
        self.assertEqual(self.tariff.version_ids, self.version)

    def test_after_an_undo_all_is_free_again(self):
        self._reverse(self.run_march.move_ids, "Wrong price")
        self.version.price = 1.4
        self.assertEqual(self._raise_price('2026-02-01').price, 1.5)

    def test_the_terms_of_a_bill_stay(self):
        """ Basis, cycle and periods are frozen; a name, an order or the days to pay are not. """
        tariff = self.tariff.with_user(self.manager)
        for vals in (
            {'basis': 'fixed'}, {'cycle_months': 3}, {'split': 'anchored'},
            {'timing': 'arrears'}, {'charge_per_cycle': True}, {'proration': 'none'},
            {'season_start': '11-15', 'season_end': '03-15'},
        ):
            with self.assertRaisesRegex(
                UserError, "billed up to 2026-03-31 .* another tariff"
            ), self.env.cr.savepoint():
                tariff.write(vals)
        tariff.write({'name': "Flats", 'due_days': 15, 'basis': 'area', 'cycle_months': 1})

    def test_a_price_changed_between_preview_and_posting(self):
        """ The line is flagged and left out; the next preview has the new price. """
        run = self._preview('2026-04-30')
        self._raise_price('2026-04-01')
        run.charge_ids._leave_out_changed()
        self.assertEqual(run.charge_ids.reason, 'changed')
        self.assertIn("now be 150.00 instead of 130.00", run.charge_ids.reason_detail)
