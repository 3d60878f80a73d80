from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestCompanyCheck(LedgerCommon):
    """ Companies are checked together, and as strictly as one by one. """

    def test_one_wrong_line_among_many_is_named(self):
        faraway = self._create_company("Faraway Estates")
        account = self.env['account.chart.template'].with_company(faraway).ref(
            'property_billing_income')
        self.env.user.company_ids |= faraway
        vals_list = [
            charge._prepare_bill_vals(self.company.property_bill_journal_id, charge.date_due)
            for charge in (self._create_charge(10 + number) for number in range(3))]
        vals_list[1]['invoice_line_ids'][0][2]['account_id'] = account.id
        with self.assertRaisesRegex(UserError, account.display_name):
            self.env['account.move'].create(vals_list)

    def test_the_fee_of_another_company_is_named(self):
        faraway = self._create_company("Faraway Estates")
        self.env.user.company_ids |= faraway
        fee = self.env['property.fee'].create({'name': "Far", 'company_id': faraway.id})
        with self.assertRaisesRegex(UserError, "Far"):
            self._create_charge(10, fee)

    def test_the_same_accounts_are_looked_at_once(self):
        def count(bills):
            with patch.object(
                self.env.registry['account.account'], 'filtered_domain', autospec=True,
                side_effect=lambda accounts, domain: accounts,
            ) as look:
                bills.line_ids._check_company()
            return look.call_count

        few, many = (
            self._post(self.env['property.charge'].union(*(
                self._create_charge(10 + number) for number in range(size))))
            for size in (2, 30))
        self.assertEqual((count(few), count(many)), (1, 1))
