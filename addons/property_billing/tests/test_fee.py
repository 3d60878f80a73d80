from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import BillingCommon


@tagged('post_install', '-at_install')
class TestFee(BillingCommon):

    def test_account_and_tax_follow_the_nature(self):
        """[B02] A fee that turns out to be collected for others loses its tax on the form. """
        with Form(self.env['property.fee'].with_user(self.manager)) as form:
            form.name = "Water"
            form.tax_id = self.tax
            self.assertEqual(form.account_id, self.income_account)
            form.nature = 'agency'
        self.assertRecordValues(form.record, [{
            'account_id': self.company.property_agency_account_id.id, 'tax_id': False}])

    def test_a_chosen_account_stays_while_it_fits(self):
        fee = self._create_fee(nature='agency', tax_id=False, account_id=False)
        chosen = self.company.property_agency_account_id.copy()
        fee.account_id = chosen
        fee.nature = 'trust'
        self.assertEqual(fee.account_id, chosen)
        fee.nature = 'income'
        self.assertEqual(fee.account_id, self.income_account)

    def test_money_of_others_goes_to_a_liability(self):
        """[B02] Neither to income nor to an expense account. """
        expense = self.env['account.account'].search([
            ('company_ids', 'in', self.company.ids), ('internal_group', '=', 'expense')], limit=1)
        for account in (self.income_account, expense):
            with self.assertRaisesRegex(ValidationError, "does not fit"):
                self._create_fee(account.name, nature='agency', tax_id=False, account_id=account.id)

    def test_a_new_price_ends_the_one_before(self):
        """ Typed as a line more, with or without the last day of the line before. """
        fee = self._create_fee()
        tariff = self._create_tariff(fee, prices=(('2025-01-01', False, 4.5),))
        with Form(tariff) as form, form.version_ids.new() as line:
            line.date_start = date(2027, 1, 1)
            line.price = 4.8
        self.assertEqual(
            [(str(v.date_start), str(v.date_end), v.price) for v in tariff.version_ids.sorted(
                'date_start')],
            [('2025-01-01', '2026-12-31', 4.5), ('2027-01-01', 'False', 4.8)])
        with Form(tariff) as form:
            with form.version_ids.edit(0) as line:
                line.date_end = date(2027, 5, 31)
            with form.version_ids.new() as line:
                line.date_start = date(2027, 7, 1)
                line.price = 5
        self.assertEqual(
            [str(v.date_end) for v in tariff.version_ids.sorted('date_start')],
            ['2026-12-31', '2027-05-31', 'False'])
