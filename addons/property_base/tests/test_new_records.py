from odoo.tests import Form, TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestNewRecords(TransactionCase):
    """ “New” opens an empty page, of which nothing is known yet: no project, no currency. """

    def test_every_page_opens_empty(self):
        views = self.env['ir.ui.view'].search([
            ('type', '=', 'form'), ('mode', '=', 'primary'), ('model', '=like', 'property.%')])
        opened = 0
        for view in views:
            model = self.env[view.model]
            # Dialogs open on a record, and what only a step creates has no such page.
            if model._transient or model._abstract or (
                    view._get_combined_arch().get('create') in ('0', 'false')):
                continue
            with self.subTest(view=view.xml_id):
                Form(model, view=view)
                opened += 1
        self.assertGreater(opened, 10)
