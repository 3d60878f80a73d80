from pathlib import Path
from runpy import run_path

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import LedgerCommon

NAMES = [
    "物业费", "物业费（酬金制）", "公共水电公摊", "水费", "电费", "燃气费", "有线电视", "电梯费",
    "取暖费", "垃圾清运费", "装修押金", "装修垃圾清运费", "维修资金", "租金", "车位费",
    "车位管理费", "人防车位费", "公共车位费", "车位租金", "违约金", "酬金", "特约服务",
]


@tagged('post_install', '-at_install')
class TestFeeSeed(LedgerCommon):
    """[B01] [B36] A company finds the fees of the trade in the archive, until it uses them. """

    def _get_seeds(self, company=None):
        company = company or self.company
        return self.env['property.fee'].with_context(active_test=False).search([
            ('company_id', '=', company.id), ('active', '=', False)])

    def _get_seed(self, key, company=None):
        return self.env.ref(f'property_billing.{(company or self.company).id}_fee_{key}')

    def test_the_fees_of_the_trade(self):
        """ In the language of Chinese books, whether or not somebody reads Chinese here. """
        self.assertEqual(self._get_seeds().mapped('name'), NAMES)

    def test_each_knows_whose_money_it_is(self):
        for key, category, nature, tax, *terms in (
            ('property', 'public', 'income', 6, 'area', 1, 'advance'),
            ('property_trust', 'public', 'trust', 0, 'area', 1, 'advance'),
            ('shared', 'agency', 'agency', 0, 'fixed', 1, 'arrears'),
            ('water', 'agency', 'agency', 0, 'metered', 1, 'arrears'),
            ('electricity', 'agency', 'agency', 0, 'metered', 1, 'arrears'),
            ('gas', 'public', 'agency', 0, 'metered', 1, 'arrears'),
            ('cable', 'public', 'agency', 0, 'household', 12, 'advance'),
            ('heating', 'public', 'agency', 0, 'area', 1, 'advance'),
            ('waste', 'public', 'income', 6, 'household', 12, 'advance'),
            ('renovation_deposit', 'prepaid', 'deposit', 0),
            ('renovation_waste', 'prepaid', 'income', 6),
            ('maintenance_fund', 'agency', 'trust', 0),
            ('rent', 'special', 'income', 9, 'area', 1, 'advance'),
            ('parking', 'public', 'income', 9, 'fixed', 1, 'advance'),
            ('parking_owned', 'public', 'income', 6, 'fixed', 1, 'advance'),
            ('parking_civil_defence', 'agency', 'agency', 0, 'fixed', 1, 'advance'),
            ('parking_common', 'agency', 'trust', 0, 'fixed', 1, 'advance'),
            ('parking_company', 'special', 'income', 9, 'fixed', 1, 'advance'),
            ('late', 'special', 'income', 0),
            ('commission', 'special', 'income', 6),
            ('service', 'special', 'income', 6),
        ):
            fee = self._get_seed(key)
            with self.subTest(fee=fee.name):
                self.assertEqual((fee.category, fee.nature), (category, nature))
                self.assertEqual(fee.tax_id.amount, tax)
                self.assertEqual(
                    fee.account_id, self.company._get_property_account(fee._get_role()))
                tariff = fee.with_context(active_test=False).tariff_ids
                self.assertEqual(
                    [value for t in tariff for value in (t.basis, t.cycle_months, t.timing)],
                    terms)
                self.assertFalse(tariff.filtered('active') or tariff.version_ids)
        heating = self._get_seed('heating').with_context(active_test=False).tariff_ids
        self.assertEqual((heating.season_start, heating.season_end), ('11-15', '03-15'))
        self.assertEqual(self.company.property_late_fee_id, self._get_seed('late'))

    def test_pricing_takes_it_into_use(self):
        """ The first price brings tariff and fee out of the archive, and they can be billed. """
        fee = self._get_seed('property')
        tariff = fee.with_context(active_test=False).tariff_ids
        self.env['property.tariff.version'].with_user(self.manager).create({
            'tariff_id': tariff.id, 'date_start': '2026-01-01', 'price': 1.3})
        self.assertTrue(fee.active and tariff.active)
        self._assign(self.unit_1011, tariff, '2026-03-01')
        run = self._preview('2026-03-31')
        self.assertEqual(run.charge_ids.mapped('amount'), [130])
        self.assertEqual(run.charge_ids.state, 'draft')

    def test_assigning_takes_it_into_use(self):
        """ By the clerk, too, who may not change fees: the run then says that it has no price. """
        fee = self._get_seed('parking')
        tariff = fee.with_context(active_test=False).tariff_ids
        self.env['property.fee.assignment'].with_user(self.clerk).create({
            'unit_id': self.unit_1011.id, 'tariff_id': tariff.id, 'date_start': '2026-03-01'})
        self.assertTrue(fee.active and tariff.active)
        self.assertEqual(self._preview('2026-03-31').charge_ids.reason, 'no_version')

    def test_taken_into_use_by_hand(self):
        fee = self._get_seed('lift')
        with self.assertRaises(AccessError):
            fee.with_user(self.clerk).action_take_into_use()
        action = fee.with_user(self.manager).action_take_into_use()
        self.assertTrue(fee.active and fee.tariff_ids)
        # They are gone from the list of what waits: the message leads to what is to be priced.
        self.assertIn(fee.name, action['params']['message'])
        following = action['params']['next']
        self.assertEqual(
            self.env[following['res_model']].search(following['domain']), fee.tariff_ids)
        deposit = self._get_seed('renovation_deposit')
        following = deposit.with_user(self.manager).action_take_into_use()['params']['next']
        self.assertEqual(self.env[following['res_model']].search(following['domain']), deposit)

    def test_a_second_time_changes_nothing(self):
        """ Nor is anything added that the company has under that name. """
        rent = self._get_seed('rent')
        rent.with_context(active_test=False).tariff_ids.unlink()
        rent.unlink()
        self._get_seed('lift').active = True
        self._get_seed('gas').name = "管道燃气"
        self._create_fee("租金", active=False)
        before = self.env['property.fee'].with_context(active_test=False).search([])
        self.env['property.fee']._create_seeds(self.company)
        self.assertEqual(
            self.env['property.fee'].with_context(active_test=False).search([]), before)
        self.assertEqual(self._get_seed('gas').name, "管道燃气")

    def test_what_is_measured_is_charged_by_meter(self):
        """ [B36] After an update, too, where nobody has priced or assigned it by pieces. """
        water, power, gas = (
            self._get_seed(key).with_context(active_test=False).tariff_ids
            for key in ('water', 'electricity', 'gas'))
        (water + power + gas).basis = 'unit'
        power.version_ids = [Command.create({'date_start': '2020-01-01', 'price': 1})]
        self._assign(self.unit_1011, gas, '2020-01-01')
        path = Path(__file__).parents[1] / 'migrations/19.0.1.3.0/post-metered_seeds.py'
        run_path(str(path))['migrate'](self.env.cr, '19.0.1.2.0')
        self.env.invalidate_all()
        self.assertEqual((water.basis, power.basis, gas.basis), ('metered', 'unit', 'unit'))

    def test_a_fee_of_that_name_may_be_made_by_hand(self):
        """ What waits in the archive is in nobody's way. """
        fee = self._create_fee("物业费")
        self.assertTrue(fee.active)
        found = fee.with_context(active_test=False).name_search(
            "物业费", [('company_id', '=', self.company.id)])
        self.assertEqual([name for _id, name in found], ["物业费", "物业费（酬金制）"])
        self.assertIn((fee.id, "物业费"), found)
        seeds = self._get_seed('heating') + self._get_seed('property')
        with self.assertRaisesRegex(UserError, "物业费 is in use already"):
            seeds.with_user(self.manager).action_take_into_use()

    def test_in_the_language_of_the_company(self):
        company = self.env['res.company'].create({
            'name': "Overseas Estates", 'country_id': self.env.ref('base.us').id})
        company.partner_id.lang = 'en_US'
        self.env['account.chart.template'].try_loading('generic_coa', company)
        self.assertIn("Property fee", self._get_seeds(company).mapped('name'))

    def test_small_scale_taxpayer(self):
        company = self._create_company("Small Property")
        company.property_small_scale = True
        self.assertEqual(self._get_seed('property', company).tax_id.amount, 3)
        self.assertEqual(self._get_seed('rent', company).tax_id.amount, 5)

    def test_another_chart(self):
        """ Chosen before anything is posted: accounts and taxes are those of the new one. """
        company = self._create_company("Jindong Trade")
        self.env['account.chart.template'].try_loading('cn_large_bis', company)
        fee = self._get_seed('property', company)
        self.assertEqual(fee.account_id, company.property_income_account_id)
        self.assertEqual(fee.account_id.with_company(company).code, '600101')
        self.assertEqual(fee.tax_id.amount, 6)
