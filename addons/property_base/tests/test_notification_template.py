from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestNotificationTemplate(PropertyCommon):
    """[A81] Texts with variables. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._move_in(cls.flat, cls.olga)
        cls.lakeside.phone = '0571-1234'
        for lang in ('en_US', 'zh_CN'):
            cls.env['res.lang']._activate_lang(lang)
        cls.template = cls._create_template(
            body="Dear {owner}, about {unit} of {project}: call {office_phone}.")

    @classmethod
    def _create_template(cls, **values):
        return cls.env['property.notification.template'].create({
            'name': "Reminder",
            'category_id': cls.env.ref('property_base.category_notice').id,
            'model': 'property.unit',
            'subject': "About {unit}",
            'body': "Dear {owner}",
            **values,
        })

    def test_variables_are_filled_in(self):
        texts = self.template._render(self.flat, self.olga)
        self.assertEqual(texts['subject'], "About Tower 1-Entrance 1-101")
        self.assertEqual(
            texts['body'],
            "Dear Olga Owner, about Tower 1-Entrance 1-101 of Lakeside: call 0571-1234.")
        self.assertEqual(texts['sms'], f"{texts['subject']}\n{texts['body']}")

    def test_a_variable_may_be_written_as_it_is_called_in_any_language(self):
        """{业主姓名} and {房号} are the labels in Chinese, {owner} the code in every language. """
        chinese = self.template.with_context(lang='zh_CN')
        label = chinese._get_labels()['owner']
        self.assertEqual(label, "业主姓名")
        self.assertEqual(chinese._get_labels()['unit'], "房号")
        self.template.body = "{业主姓名} / {owner} / {owner's name} / {房号}"
        self.assertEqual(
            self.template._render(self.flat, self.olga)['body'],
            "Olga Owner / Olga Owner / Olga Owner / Tower 1-Entrance 1-101")

    def test_each_reads_it_in_his_language(self):
        self.template.with_context(lang='zh_CN').body = "尊敬的{业主姓名}"
        self.olga.lang, self.tom.lang = 'zh_CN', 'en_US'
        messages = self.env['property.notification']._notify(
            self.olga | self.tom, 'notice', template=self.template, record=self.flat)
        self.assertEqual(messages[0].body, "尊敬的Olga Owner")
        self.assertTrue(messages[1].body.startswith("Dear Olga Owner"))

    def test_an_unknown_variable_is_named_with_those_that_there_are(self):
        for field in ('subject', 'body', 'sms'):
            with self.subTest(field=field), self.assertRaises(ValidationError) as caught:
                self._create_template(**{field: "Your {roomnumber}"})
            message = str(caught.exception)
            self.assertIn("{roomnumber} is no variable of Unit", message)
            self.assertIn("{owner's name}", message)
            self.assertIn("{unit}", message)

    def test_a_brace_that_is_not_closed(self):
        with self.assertRaisesRegex(ValidationError, "brace in “{unit, please"):
            self.template.body = "Dear {owner}, {unit, please"

    def test_the_fields_of_a_wechat_template(self):
        self.template.write({
            'wechat_code': 'T1', 'wechat_data': "thing1: {unit}\n\nname2:{owner}"})
        self.assertEqual(
            self.template._render(self.flat, self.olga)['wechat'],
            {'thing1': "Tower 1-Entrance 1-101", 'name2': "Olga Owner"})
        with self.assertRaisesRegex(ValidationError, "thing1 {unit}"):
            self.template.wechat_data = "thing1 {unit}"

    def test_what_a_value_contains_is_no_variable(self):
        self.olga.name = "{office_phone}"
        self.assertIn(
            "Dear {office_phone},", self.template._render(self.flat, self.olga)['body'])

    def test_the_form_shows_it_with_a_real_record(self):
        with Form(self.template.with_user(self.manager)) as form:
            form.preview_record = f'property.unit,{self.flat.id}'
            self.assertIn("Dear Olga Owner", form.preview_body)
            form.body = "For {roomnumber}"
            self.assertIn("{roomnumber} is no variable", form.preview_error)
            self.assertFalse(form.preview_body)
            form.body = "For {owner}"
            form.sms = "业" * 60 + "{owner}"
            self.assertFalse(form.preview_error)
            self.assertEqual(form.preview_body, "For Olga Owner")
            self.assertEqual(form.preview_sms_count, 1)
            form.sms = "业" * 61 + "{owner}"
            self.assertEqual(form.preview_sms_count, 2, "71 letters")
            self.company.property_sms_signature = "锦东物业"
            form.sms = "业" * 55 + "{owner}"
            self.assertEqual(form.preview_sms_count, 2, "65 letters and six of the signature")

    def test_the_preview_shows_nothing_of_another_project(self):
        officer = self.hill_officer
        template = self.template.with_user(officer)
        record = template.preview_record
        self.assertEqual(record.sudo().project_id, self.hilltop)

    def test_a_template_of_another_add_on_has_its_variables(self):
        variables = self.env['property.occupancy']._get_template_variables()
        self.assertIn('resident', variables)
        self.assertLess(set(self.env['property.unit']._get_template_variables()), set(variables))
