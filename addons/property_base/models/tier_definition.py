from odoo import api, models
from odoo.exceptions import ValidationError


class TierDefinition(models.Model):
    """ A level of approval. """
    _inherit = 'tier.definition'

    @api.model
    def _get_tier_validation_model_names(self):
        return [
            *super()._get_tier_validation_model_names(),
            *self.env['tier.review']._get_approval_models(),
        ]

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
