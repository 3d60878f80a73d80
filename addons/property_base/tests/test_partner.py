from odoo.tests import tagged

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestPartner(PropertyCommon):

    def test_address_in_china_is_written_as_in_china(self):
        """ Without the country, with which Odoo's own layout begins; others keep theirs. """
        self.olga.write({
            'country_id': self.env.ref('base.cn').id, 'zip': '518000', 'city': '深圳市',
            'street': '南山区深南大道1号'})
        self.assertEqual(
            self.olga.contact_address.split(), ['518000', '深圳市', '南山区深南大道1号'])
        self.olga.country_id = self.env.ref('base.us')
        self.assertIn('United States', self.olga.contact_address)
