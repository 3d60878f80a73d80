from odoo.tests import HttpCase, tagged

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestCompany(PropertyCommon, HttpCase):

    def test_settings_write_the_company_profile(self):
        """[A01] Name, address, phone and the number of the business licence, on one page. """
        self.env['res.config.settings'].create({
            'property_company_name': "Jindong Property",
            'property_company_street': "16 Lake Road",
            'property_company_phone': "0000 1234",
            'property_company_registry': "91330000MA0000000X",
        }).execute()
        self.assertEqual(
            (self.company.name, self.company.street, self.company.phone,
             self.company.company_registry),
            ("Jindong Property", "16 Lake Road", "0000 1234", "91330000MA0000000X"))

    def test_branch_has_a_profile_of_its_own(self):
        """[A01] The portal shows the company of the home, be it a branch with its own logo. """
        self.company.company_registry = "91330000MA0000000X"
        branch = self.env['res.company'].create({
            'name': "Lake Branch", 'parent_id': self.company.id,
            'company_registry': "91330000MA1111111X", 'phone': "0000 5678",
        })
        self.env.user.company_ids |= branch
        project = self.env['property.project'].create({
            'name': "Branch Court", 'company_id': branch.id})
        building = self.env['property.building'].create(
            {'project_id': project.id, 'name': "1"})
        home = self.env['property.unit'].create(self._prepare_unit_vals(building, '101'))
        self._move_in(home, self.olga)
        self._create_portal_user(self.olga)
        self.authenticate('olga', 'olga')
        page = self.url_open(f'/my/homes/{home.id}').text
        for text in ("Lake Branch", "91330000MA1111111X", "0000 5678",
                     f'/logo.png?company={branch.id}'):
            self.assertIn(text, page)
        self.assertNotIn("91330000MA0000000X", page)

    def test_licence_number_is_called_by_its_name_in_china(self):
        """[A01] Of a customer that is a firm, too. """
        firm = self.env['res.partner'].create(
            {'name': "Firm", 'is_company': True, 'country_id': self.env.ref('base.cn').id})
        self.assertEqual(firm.company_registry_label, "Unified social credit code")
