from datetime import date

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user


def get_menus(user):
    """ The xml ids of the menus that the user reaches: visible, and all above them as well. """
    Menu = user.env['ir.ui.menu']
    visible = Menu.with_user(user)._visible_menu_ids()
    reached = Menu.browse(visible).filtered(
        lambda menu: visible.issuperset(map(int, menu.parent_path.split('/')[:-1])))
    return set(reached.get_external_id().values())


class PropertyCommon(TransactionCase):
    """ Lakeside with two buildings, Hilltop beside it, Faraway in another company. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env['base'].with_context(
            tracking_disable=True, no_reset_password=True).env
        # The language of visitors, whatever else is installed.
        cls.env['res.lang']._activate_lang('en_US')
        cls.env['ir.default'].set('res.partner', 'lang', 'en_US')
        # All live where the office is: else the day differs for some hours of it.
        cls.env['ir.default'].set('res.partner', 'tz', cls.env.user.tz)
        cls.company = cls.env.company
        cls.other_company = cls.env['res.company'].create({'name': 'Faraway Estates'})

        cls.lakeside, cls.hilltop, cls.faraway = cls.env['property.project'].create([
            {'name': 'Lakeside', 'user_ids': [Command.clear()]},
            {'name': 'Hilltop', 'user_ids': [Command.clear()]},
            {
                'name': 'Faraway',
                'company_id': cls.other_company.id,
                'user_ids': [Command.clear()],
            },
        ])
        cls.tower, cls.annex, cls.hill_house, cls.far_house = cls.env['property.building'].create([
            {'project_id': cls.lakeside.id, 'name': 'Tower 1', 'floor_count': 3},
            {'project_id': cls.lakeside.id, 'name': 'Annex'},
            {'project_id': cls.hilltop.id, 'name': 'Hill House'},
            {'project_id': cls.faraway.id, 'name': 'Far House'},
        ])
        cls.entrance = cls.env['property.entrance'].create(
            {'building_id': cls.tower.id, 'name': 'Entrance 1', 'code': '1'})
        cls.flat, cls.next_flat, cls.shop, cls.hill_flat, cls.far_flat = \
            cls.env['property.unit'].create([
                cls._prepare_unit_vals(cls.tower, '101', entrance_id=cls.entrance.id),
                cls._prepare_unit_vals(cls.tower, '102', entrance_id=cls.entrance.id),
                cls._prepare_unit_vals(cls.annex, 'S1', kind='shop'),
                cls._prepare_unit_vals(cls.hill_house, '101'),
                cls._prepare_unit_vals(cls.far_house, '101'),
            ])
        cls.olga, cls.tom, cls.fred, cls.hilda, cls.yara, cls.newcomer = \
            cls.env['res.partner'].create([{'name': name} for name in (
                'Olga Owner', 'Tom Tenant', 'Fred Former', 'Hilda Hill', 'Yara Faraway',
                'Nina Newcomer')])

        cls.officer = cls._create_staff('lakeside_officer', 'group_property_officer', cls.lakeside)
        cls.clerk = cls._create_staff('lakeside_clerk', 'group_property_user', cls.lakeside)
        cls.hill_officer = cls._create_staff(
            'hilltop_officer', 'group_property_officer', cls.hilltop)
        cls.manager = cls._create_staff('manager', 'group_property_manager')
        cls.far_manager = new_test_user(
            cls.env, 'far_manager', 'property_base.group_property_manager',
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)])

    @classmethod
    def _prepare_unit_vals(cls, building, name, **values):
        return {'building_id': building.id, 'name': name, 'building_area': 100, **values}

    @classmethod
    def _create_staff(cls, login, group, *projects):
        return new_test_user(
            cls.env, login, f'property_base.{group},base.group_allow_export',
            property_project_ids=[Command.set([project.id for project in projects])])

    @classmethod
    def _create_portal_user(cls, partner):
        """ Of the person's first name, after he has accepted the agreements. """
        login = partner.name.split()[0].lower()
        user = new_test_user(
            cls.env, login, 'base.group_portal', name=partner.name, partner_id=partner.id)
        cls._accept_agreements(user)
        return user

    @classmethod
    def _accept_agreements(cls, user):
        cls.env['property.agreement']._get_pending(user)._accept(user, '127.0.0.1')

    @classmethod
    def _move_in(cls, unit, partner, role='owner', start=date(2024, 1, 1), end=False, **values):
        return cls.env['property.occupancy'].create({
            'unit_id': unit.id, 'partner_id': partner.id, 'role': role,
            'date_start': start, 'date_end': end, **values,
        })
