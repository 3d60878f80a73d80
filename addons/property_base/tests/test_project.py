from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestProject(PropertyCommon):

    def test_a_new_compound(self):
        """[A04] Name, address, type, scale, who answers for it, its team and its switches. """
        form = Form(self.env['property.project'].with_user(self.manager))
        form.name = "Willow Court"
        form.street = "1 Canal Road"
        form.kind = 'residential'
        form.building_area = 42000
        form.household_count = 380
        form.user_id = self.officer
        form.service_user_ids.add(self.clerk)
        form.archive_mode = 'check_in'
        form.approves_residents = True
        form.user_ids.add(self.officer)
        project = form.save()
        seen = project.with_user(self.officer)
        self.assertEqual(
            (seen.kind, seen.building_area, seen.household_count, seen.user_id,
             seen.service_user_ids, seen.archive_mode, seen.approves_residents),
            ('residential', 42000, 380, self.officer, self.clerk, 'check_in', True))
        self.assertIn(
            seen, self.env['property.project'].with_user(self.officer).search(
                [('user_id', '=', self.officer.id)]))

    def test_switches_are_the_managers(self):
        """[A04] Who keeps the register does not decide how a project works. """
        with self.assertRaises(AccessError):
            self.lakeside.with_user(self.officer).archive_mode = 'check_in'
        with self.assertRaises(AccessError):
            self.lakeside.with_user(self.officer).user_ids += self.clerk
