from odoo import api, fields, models
from odoo.exceptions import ValidationError


class TierDefinition(models.Model):
    """ A level of approval. """
    _inherit = 'tier.definition'

    # The higher, the earlier: a new level is the last one, until it is dragged elsewhere.
    sequence = fields.Integer(default=lambda self: self._get_last_sequence() - 1)

    @api.model
    def _get_tier_validation_model_names(self):
        return [
            *super()._get_tier_validation_model_names(),
            *self.env['tier.review']._get_approval_models(),
        ]

    @api.model
    def _get_last_sequence(self):
        last = self.with_context(active_test=False).search([], order='sequence', limit=1)
        return last.sequence if last else 30

    @api.constrains('model_id', 'approve_sequence', 'exclude_requester')
    def _check_property_principles(self):
        names = self.env['tier.review']._get_approval_models()
        for definition in self:
            if definition.model in names and not (
                    definition.approve_sequence and definition.exclude_requester):
                raise ValidationError(self.env._(
                    "%(level)s: levels of %(model)s are passed in sequence, and nobody decides "
                    "about his own request. Tick both.",
                    level=definition.name, model=definition.model_id.name))
