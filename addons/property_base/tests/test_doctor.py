from odoo.tests import tagged
from odoo.tools import SQL

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestDoctor(PropertyCommon):

    def test_shares_above_the_whole_are_found(self):
        self._move_in(self.flat, self.olga, share=60)
        half = self._move_in(self.flat, self.tom, share=40)
        doctor = self.env['property.doctor']
        [check] = [check for check in doctor.run() if 'shares' in check['name']]
        self.assertTrue(check['ok'])
        self.assertEqual(check['difference'], 0)
        # Past the ORM, as a broken restore would do it.
        self.env.cr.execute(SQL(
            "UPDATE property_occupancy SET share = 55 WHERE id = %s", half.id))
        [check] = [check for check in doctor.run() if 'shares' in check['name']]
        self.assertFalse(check['ok'])
        self.assertGreater(check['difference'], 0)
