from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.wording import LooseBrace, count_sms, fill, find_variables

# The texts of a template that may hold variables.
TEXTS = ('subject', 'body', 'sms', 'wechat_data')
PREVIEW_TRIES = 20


class PropertyNotificationTemplate(models.Model):
    """ A text with variables: bill, notice, payment reminder (模板设置). """
    _name = 'property.notification.template'
    _description = 'Message template'
    _order = 'category_id, name'

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    category_id = fields.Many2one(
        'property.notification.category', string="Message category", required=True, index=True,
        ondelete='restrict')
    model = fields.Selection(
        '_select_models', string="Kind of record", required=True, default='property.occupancy',
        help="What kind of record the text is about; its variables follow from it.",
    )
    subject = fields.Char(required=True, translate=True)
    body = fields.Text(
        string="Text", required=True, translate=True,
        help="For the inbox and the e-mail. A variable is written in braces, e.g. {unit}.",
    )
    sms = fields.Text(
        string="SMS text", translate=True,
        help="Short, for each 70 Chinese letters cost one message. Empty: subject and text.",
    )
    sms_code = fields.Char(
        string="Code at the SMS operator",
        help="Where the operator asks for texts to be approved: the code of the approved one.",
    )
    wechat_code = fields.Char(
        string="WeChat template",
        help="The id of the template in the official account. Without it, nothing goes by WeChat.",
    )
    wechat_data = fields.Text(
        string="WeChat fields", translate=True,
        help="One line for each field of that template, e.g. thing1: {unit}.",
    )
    variable_list = fields.Text(string="Variables", compute='_compute_variable_list')
    preview_record = fields.Reference(
        selection='_select_models', string="Preview with",
        compute='_compute_preview_record', store=False, readonly=False,
    )
    preview_subject = fields.Char(string="Subject as sent", compute='_compute_preview')
    preview_body = fields.Text(string="Text as sent", compute='_compute_preview')
    preview_sms = fields.Text(string="SMS as sent", compute='_compute_preview')
    preview_sms_count = fields.Integer(
        string="Counts as SMS", compute='_compute_preview')
    preview_error = fields.Text(string="What is wrong", compute='_compute_preview')

    # === COMPUTE METHODS === #

    @api.depends('model')
    def _compute_variable_list(self):
        for template in self:
            template.variable_list = ' '.join(
                f'{{{label}}}' for label in template._get_labels().values())

    @api.depends('model')
    def _compute_preview_record(self):
        for template in self:
            record = template._find_preview_record()
            template.preview_record = f'{record._name},{record.id}' if record else False

    def _find_preview_record(self):
        """ Of those that the user finds the first that has what the texts ask for, such as
        arrears; if none of some has, the first.
        """
        Model = self.env.get(self.model)
        if Model is None or not Model.has_access('read'):
            return None

        def is_fit(record):
            try:
                self._render(record, self.env.user.partner_id)
            except UserError:
                return False
            return True

        records = Model.search(Model._get_template_domain(), limit=PREVIEW_TRIES)
        return next(filter(is_fit, records), records[:1])

    @api.depends('preview_record', *TEXTS)
    def _compute_preview(self):
        for template in self:
            record, texts, error = template.preview_record, {}, False
            try:
                template._check_texts()
                if record and record._name == template.model:
                    record.check_access('read')
                    texts = template._render(record, self.env.user.partner_id)
            except UserError as problem:
                error = str(problem)
            template.preview_error = error
            template.preview_subject = texts.get('subject')
            template.preview_body = texts.get('body')
            template.preview_sms = texts.get('sms')
            template.preview_sms_count = texts and count_sms(
                texts['sms'], self.env.company.property_sms_signature)

    # === CONSTRAINT METHODS === #

    @api.constrains('model', *TEXTS)
    def _check_texts(self):
        for template in self:
            for name in TEXTS:
                template._find_codes(name)
            template._read_wechat_data(template.wechat_data)

    def _find_codes(self, name):
        """ The variables of one text: {as written: code}. """
        codes = self._get_codes()
        label = self._fields[name]._description_string(self.env)
        try:
            written = find_variables(self[name])
        except LooseBrace as error:
            raise ValidationError(self.env._(
                "%(field)s: the brace in “%(text)s” has no partner. A variable begins with { and "
                "ends with }.", field=label, text=str(error))) from error
        for variable in written:
            if variable not in codes:
                raise ValidationError(self.env._(
                    "%(field)s: {%(variable)s} is no variable of %(model)s. These are: "
                    "%(known)s",
                    field=label, variable=variable,
                    model=dict(self._select_models()).get(self.model, '–'),
                    known=' '.join(f'{{{known}}}' for known in self._get_labels().values())))
        return {variable: codes[variable] for variable in written}

    # === BUSINESS METHODS === #

    @api.model
    def _select_models(self):
        return [
            (name, self.env[name]._get_template_kind())
            for name, model in self.env.registry.items()
            if not model._abstract and hasattr(model, '_get_template_variables')]

    def _get_variables(self):
        Model = self.env.get(self.model)
        if Model is None:
            return {}
        return {
            **Model._get_template_variables(),
            'recipient': (self.env._("recipient"), None),  # of whoever gets it
        }

    def _get_labels(self):
        return {code: label for code, (label, _value) in self._get_variables().items()}

    def _get_codes(self):
        """ How variables may be written, in any language: {as written: code}. """
        codes = {}
        # English is what the code is written in, installed or not.
        for lang in {'en_US', *dict(self.env['res.lang'].get_installed())}:
            for code, label in self.with_context(lang=lang)._get_labels().items():
                codes[label] = codes[code] = code
        return codes

    def _render(self, record, recipient):
        """ The texts about a record for one person, in the language of the environment.

        :return: subject, body, sms, params (the variables of the SMS) and wechat ({field: text})
        :rtype: dict
        """
        return next(self._render_each([(record, recipient)]))

    def _render_each(self, pairs):
        """ `_render` for many pairs of record and recipient; the texts are read once. """
        variables = self._get_variables()
        written = {name: self._find_codes(name) for name in TEXTS}
        codes = {code for found in written.values() for code in found.values()}
        for record, recipient in pairs:
            values = {
                code: recipient.name if code == 'recipient' else
                str(variables[code][1](record.with_env(self.env)) or '')
                for code in codes}
            texts = {
                name: fill(self[name], {key: values[code] for key, code in found.items()})
                for name, found in written.items()}
            yield {
                'subject': texts['subject'],
                'body': texts['body'],
                'sms': texts['sms'] or f"{texts['subject']}\n{texts['body']}",
                'params': {code: values[code] for code in written['sms'].values()},
                'wechat': self._read_wechat_data(texts['wechat_data']),
            }

    def _read_wechat_data(self, text):
        """ `thing1: Tower 1` on each line → {'thing1': 'Tower 1'}. """
        data = {}
        for line in filter(None, map(str.strip, (text or '').splitlines())):
            name, colon, value = line.partition(':')
            if not colon or not name.strip().isidentifier():
                raise ValidationError(self.env._(
                    "WeChat fields: “%(line)s” is not a field, a colon and its text, e.g. "
                    "thing1: {unit}.", line=line))
            data[name.strip()] = value.strip()
        return data
