from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.property_base.tests.common import get_menus


@tagged('post_install', '-at_install')
class TestMenus(TransactionCase):
    """[G07] [A65] [A67] What each ready-made role finds in the menu, and two roles together. """

    def _get_menus(self, *roles):
        user = new_test_user(
            self.env, 'menus', 'base.group_user',
            role_line_ids=[Command.create({'role_id': self.env.ref(role).id}) for role in roles])
        menus = get_menus(user)
        user.unlink()
        return menus

    def test_menus_differ_by_role(self):
        run, charges, fees, bills, register, imports, users, journals = (
            'property_billing.menu_bill_run', 'property_billing.menu_charge',
            'property_billing.menu_fee', 'property_billing.menu_bill',
            'property_base.menu_property_unit', 'property_base.menu_property_import',
            'property_base.menu_property_user', 'account.menu_action_account_moves_all')
        every = {run, charges, fees, bills, register, imports, users, journals}
        for roles, found in (
            (['property_billing.role_cashier'], {run, charges, fees, register}),
            (['property_billing.role_finance_clerk'],  # who reads the books, too
             {run, charges, fees, bills, register, journals}),
            (['property_billing.role_accountant'],
             {run, charges, fees, bills, register, journals}),
            (['property_base.role_customer_service'], {register, imports}),
            (['property_base.role_project_manager'],  # who reviews leases, prices and runs
             {run, charges, fees, register, imports}),
            (['property_base.role_customer_service', 'property_billing.role_cashier'],
             {run, charges, fees, register, imports}),
        ):
            with self.subTest(roles=roles):
                self.assertEqual(self._get_menus(*roles) & every, found)
