from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class PropertyTemplateMixin(models.AbstractModel):
    """ A record that a text with variables can be about. """
    _name = 'property.template.mixin'
    _description = 'Record for texts with variables'

    @api.model
    def _get_template_kind(self):
        """ What a record of this model is called there. """
        return self.env['ir.model'].sudo()._get(self._name).name  # kinds are no secret

    @api.model
    def _get_template_domain(self):
        """ Which records of this model are of that kind. """
        return Domain.TRUE

    @api.model
    def _get_template_variables(self):
        """ What a text about a record of this model may name: {code: (label, value)}.

        In a text a variable is written {code} or {label}, the label in any installed language:
        {owner}, {业主姓名}. The value is a function of one record, which gives text; it is called
        for the variables of the text only.

        :rtype: dict[str, tuple[str, function]]
        """
        return {
            'company': (
                self.env._("property company"),
                lambda record: (record.company_id or record.env.company).name),
            'today': (self.env._("today"), lambda record: format_date(
                record.env, fields.Date.context_today(record))),
        }

    @api.model
    def _get_template_variables_of(self, name):
        """ The variables of the record that the field `name` of this model leads to. """
        related = self.env[self._fields[name].comodel_name]
        return {
            code: (label, lambda record, value=value: value(record[name]))
            for code, (label, value) in related._get_template_variables().items()
        }
