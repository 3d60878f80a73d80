import secrets

from odoo import api, fields, models


class PropertyMeter(models.Model):
    """ The label on a meter, by whose code a phone finds it. """
    _inherit = 'property.meter'

    label_token = fields.Char(
        compute='_compute_label_token', store=True, precompute=True, copy=False,
        groups='property_billing.group_meter_read')

    _label_once = models.UniqueIndex('(label_token)', "Another meter has this label.")

    def _compute_label_token(self):
        for meter in self:
            meter.label_token = secrets.token_urlsafe(9)

    def _get_label_url(self):
        """ What the code on the label says. """
        self.ensure_one()
        return f'{self.get_base_url()}/m/{self.label_token}'

    @api.model
    def _find_label(self, token):
        """ The meter on which a label hangs, or hung before an exchange. """
        return self.search([('label_token', '=', token)]) or self.env[
            'property.meter.event'].search([('token_before', '=', token)]).meter_id

    def _exchange(self, day, before, number, *args, **kwargs):
        """ Override: the label hung on the old device; it goes on telling which one hangs there
        now.
        """
        event = super()._exchange(day, before, number, *args, **kwargs)
        # sudo: who may exchange was checked, and nobody writes these by hand.
        event.sudo().token_before = self.sudo().label_token
        self.sudo().label_token = secrets.token_urlsafe(9)
        return event


class PropertyMeterEvent(models.Model):
    _inherit = 'property.meter.event'

    token_before = fields.Char(
        index='btree_not_null', copy=False, groups='property_billing.group_meter_read')
