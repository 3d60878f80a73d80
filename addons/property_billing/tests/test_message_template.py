from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common import PaymentCommon


@tagged('post_install', '-at_install')
class TestMessageTemplate(PaymentCommon):
    """[A81] Texts of bills and of payment reminders: what is billed, what is overdue. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env.ref('property_billing.template_reminder')
        cls.occupancy = cls.unit_1011.occupancy_ids
        cls.project.phone = '0571-1234'

    def test_a_reminder_tells_what_is_overdue(self):
        """ 857.57 and 343.68 make 1,201.25. """
        texts = self.template._render(self.occupancy, self.owner)
        for name in ('body', 'sms'):
            self.assertIn("1,201.25", texts[name])
            self.assertIn(self.unit_1011.complete_name, texts[name])
            self.assertIn("Zhang Wei", texts[name])
            self.assertIn("0571-1234", texts[name])

    def test_nobody_is_reminded_of_nothing(self):
        neighbour = self.unit_1012.occupancy_ids
        with self.assertRaisesRegex(UserError, "1012 has no arrears"):
            self.template._render(neighbour, self.neighbour)

    def test_the_preview_begins_with_somebody_in_arrears(self):
        """ A good text is not shown as wrong because the first resident owes nothing. """
        self.unit_1012.floor_order = self.unit_1011.floor_order - 1
        writer = self._create_user(
            'writer', 'property_base.group_property_manager,property_billing.group_billing_officer')
        self.project.user_ids |= writer
        template = self.template.with_user(writer)
        preview = template.new(origin=template)
        self.assertEqual(preview.preview_record, self.occupancy)
        self.assertFalse(preview.preview_error)

    def test_the_preview_of_a_bill_is_a_bill(self):
        """ Not the entry of the payment that came last. """
        self.charges._receive_payment(
            self.bank_journal, amounts={self.second.id: 100})
        template = self.env.ref('property_billing.template_bill')
        preview = template.new(origin=template)
        self.assertEqual(preview.preview_record.move_type, 'out_invoice')
        self.assertTrue(preview.preview_record.property_project_id)

    def test_a_bill_is_no_reminder(self):
        """ Most have no arrears: one of them would keep all from being published. """
        template = self.env.ref('property_billing.template_bill')
        with self.assertRaisesRegex(ValidationError, "{arrears} is no variable of Bill"):
            template.body = "Dear {payer}, {arrears} is overdue."

    def test_a_bill_tells_its_figures(self):
        template = self.env.ref('property_billing.template_bill')
        texts = template._render(self.bill, self.owner)
        self.assertIn(self.bill.name, texts['subject'])
        self.assertIn("1,201.25", texts['subject'])
        self.assertIn(self.unit_1011.complete_name, texts['body'])

    def test_who_sees_no_charges_learns_none_by_a_variable(self):
        """ Nor does he tell the resident. """
        service = self._create_user('service', 'property_base.group_property_officer')
        self.project.user_ids |= service
        compose = self.env['property.notification.compose'].with_user(service).create({
            'occupancy_ids': self.occupancy.ids, 'template_id': self.template.id})
        with self.assertRaisesRegex(AccessError, "see receivables"):
            compose.action_send()
        preview = self.template.with_user(service).new(origin=self.template)
        preview.preview_record = f'property.occupancy,{self.occupancy.id}'
        self.assertTrue(preview.preview_error)
        self.assertFalse(preview.preview_body)

    def test_who_sees_no_charges_reads_no_messages_about_them(self):
        """ They tell the amount, and their link opens the bill without signing in. """
        service = self._create_user('service', 'property_base.group_property_officer')
        reader = self._create_user(
            'reader', 'property_base.group_property_officer,property_billing.group_billing_user')
        self.project.user_ids |= service | reader
        with trap_jobs():
            message = self.env['property.notification']._notify(
                self.owner, 'billing', template='property_billing.template_bill',
                record=self.bill, channels=['email'])
            notice = self.env['property.notification']._notify(
                self.owner, 'notice', record=self.unit_1011, subject="Water", body="Cut")
        records = (message + notice, message.delivery_ids)
        for user, readable in ((service, (notice, records[1].browse())), (reader, records)):
            with self.subTest(user=user.login):
                self.assertEqual(
                    tuple(found.with_user(user)._filtered_access('read') for found in records),
                    readable)
