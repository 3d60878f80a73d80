from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import FundCommon
from .common_meter import MeteredCommon
from .common_shared import SharedCommon

# What a form or a list computes anew, and what is done by a call.
COMPUTED = {
    'property.meter': ['last_value', 'last_day', 'date_billed'],
    'property.meter.reading': ['reason_detail'],
    'property.meter.event': ['price_text'],
    'property.meter.round': ['meter_count', 'missing_count'],
    'property.meter.allowance': ['idle_notice', 'has_billed'],
    'property.share.key': ['unit_count'],
    'property.shared.cost': ['part_total', 'charge_count', 'meter_detail'],
    'property.shared.source': ['rest', 'label', 'supplier_id'],
    'property.fund': ['amount_balance', 'amount_in', 'is_overdrawn'],
}
CALLS = {
    'property.meter.reading': ['action_accept'],
    'property.meter.event': ['action_set_written', 'action_cancel', 'action_print_receipt'],
    'property.meter.round': [
        'get_sheet', 'action_close', 'action_open', 'action_estimate', 'action_take_from_devices'],
    'property.meter.allowance': [
        'action_submit', 'action_withdraw', 'action_approve', 'action_refuse'],
    'property.shared.cost': ['action_divide', 'action_cancel', 'action_draft'],
    'property.fund': ['action_post_commissions'],
}


@tagged('post_install', '-at_install', 'security')
@freeze_time('2026-07-05')
class TestOutsiders(MeteredCommon, SharedCommon, FundCommon):
    """ [G03] Meters, shared costs and funds, for who has nothing to do with them: staff of another
    project or company, who lives there, and who passes by.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_units([80, 90])
        cls._read(cls.meter, '2025-12-31', 1100)
        reading = cls._read(cls.meter, '2026-06-30', 1180)
        cls.meter._estimate(reading.date.replace(month=7, day=4), "Nobody in")
        key = cls._create_key()
        cost = cls._create_cost(key, cls._receive_bill(300))
        cls._fill(cls.fund, 1000)
        cls.records = [
            cls.meter, reading, cls.meter.event_ids, cls._create_round(),
            cls.env['property.meter.allowance'].create({
                'unit_id': cls.unit_1011.id, 'type_ids': cls.water_type.ids, 'persons': 5}),
            key, cost, cost.source_ids, cls.fund]
        other = cls._create_company("Lakeside Property")
        away = cls.env['property.project'].create({
            'name': "Hillside", 'company_id': cls.company.id})
        groups = ('property_billing.group_billing_manager,property_billing.group_billing_approve,'
                  'account.group_account_user,base.group_allow_export')
        cls.outsiders = [
            cls._create_user('manager_of_another_project', groups),
            cls._create_user('manager_of_another_company', groups, other),
            cls._create_user('colleague', 'base.group_user'),
            new_test_user(cls.env, 'resident', 'base.group_portal', partner_id=cls.owner.id),
            cls.env.ref('base.public_user'),
        ]
        away.user_ids += cls.outsiders[0]
        cls.staff = cls.outsiders[:2]

    def _see(self, records, user):
        self.env.invalidate_all()  # what somebody else has read is not in his cache
        return records.with_env(records.env(
            user=user, su=False, context={'allowed_company_ids': user.company_ids.ids}))

    @mute_logger('odoo.addons.base.models.ir_access', 'odoo.addons.base.models.ir_rule')
    def test_nothing_is_seen_or_changed(self):
        for user in self.outsiders:
            for records in self.records:
                own = self._see(records, user)
                with self.subTest(user=user.login, model=records._name):
                    for way, *values in (
                        (own.read, ['display_name']), (own.write, {'project_id': False}),
                        (own.unlink,), (own.export_data, ['display_name']),
                    ):
                        with self.assertRaises(UserError):
                            way(*values)
                    if own.has_access('read') or user in self.staff:
                        mine = [('id', 'in', own.ids)]
                        self.assertFalse(own.search(mine))
                        self.assertFalse(own.name_search('', mine))
                        self.assertEqual(own._read_group(mine, [], ['__count']), [(0,)])
                    else:
                        with self.assertRaises(AccessError):
                            own.search([])

    @mute_logger('odoo.addons.base.models.ir_access', 'odoo.addons.base.models.ir_rule')
    def test_no_form_tells_what_it_computes(self):
        for user in self.outsiders:
            for records in self.records:
                for name in COMPUTED.get(records._name, ()):
                    own = self._see(records, user)[:1]
                    with (
                        self.subTest(user=user.login, model=records._name, field=name),
                        self.assertRaises(AccessError),
                    ):
                        result = own.onchange({}, [], {name: {}})
                        self.fail(result)

    @mute_logger('odoo.addons.base.models.ir_access', 'odoo.addons.base.models.ir_rule')
    def test_nothing_is_done_by_a_call(self):
        for user in self.outsiders:
            for records in self.records:
                for name in CALLS.get(records._name, ()):
                    with (
                        self.subTest(user=user.login, call=name),
                        self.assertRaises(UserError), self.cr.savepoint(),
                    ):
                        getattr(self._see(records, user)[:1], name)()
            meter_round = self._see(self.records[3], user)
            for name, argument in (
                    ('save_readings', []), ('preview_readings', []), ('scan', 'W-0101')):
                with self.subTest(user=user.login, call=name), self.assertRaises(AccessError):
                    getattr(meter_round, name)(argument)

    @mute_logger('odoo.addons.base.models.ir_access', 'odoo.addons.base.models.ir_rule')
    def test_no_dialog_opens_on_them(self):
        """ Not by choosing what one does not see: the dialog answers before any rule is asked. """
        meter, fund, cost = self.meter.id, self.fund.id, self.records[6].id
        for user in self.staff:
            for model, values, fields in (
                ('property.meter.read', {'meter_id': meter},
                 {'line_ids': {'fields': {'previous': {}}}}),
                ('property.meter.exchange', {'meter_id': meter},
                 {'line_ids': {'fields': {'previous': {}}}, 'multiplier': {}}),
                ('property.meter.sale', {'meter_id': meter}, {'partner_id': {}, 'fault': {}}),
                ('property.meter.decide',
                 {'reading_id': self.records[1].id, 'decision': 'rollover'},
                 {'use': {}, 'reason_detail': {}}),
                ('property.shared.divide', {'cost_id': cost},
                 {'line_ids': {'fields': {'amount': {}}}, 'amount': {}}),
            ):
                wizard = self._see(self.env[model], user)
                for name, spec in fields.items():
                    with (
                        self.subTest(user=user.login, model=model, field=name),
                        self.assertRaises(AccessError),
                    ):
                        result = wizard.onchange(values, list(values), {name: spec})
                        self.fail(result)
            statement = self._see(self.env['property.fund.statement'], user)
            with self.assertRaises(AccessError):
                statement.create({'fund_id': fund})
            restart = self._see(self.env['property.meter.restart'], user)
            with self.assertRaises(UserError):
                restart.create({
                    'meter_id': meter, 'date': '2026-06-30', 'ground': "x"}).action_restart()
            generate = self._see(self.env['property.meter.generate'], user)
            with self.assertRaises(UserError):
                generate.create({
                    'project_id': self.project.id, 'unit_ids': [Command.set(self.unit_1012.ids)],
                    'type_ids': [Command.set(self.water_type.ids)]}).action_generate()
