from odoo import api, fields, models


class PropertyPricePartMixin(models.AbstractModel):
    """ What a price of a tariff consists of beside its first figure: it is approved, in force and
    billed with its price.
    """
    _name = 'property.price.part.mixin'
    _description = 'Part of a tariff version'
    _check_company_auto = True

    version_id = fields.Many2one(
        'property.tariff.version', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='version_id.company_id', store=True, index=True, precompute=True,
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_not_billed()
        return parts

    def write(self, vals):
        self._check_not_billed()
        result = super().write(vals)
        if 'version_id' in vals:
            self._check_not_billed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        self._check_not_billed()

    def _check_not_billed(self):
        versions = self.version_id
        versions._check_open()
        versions._check_not_billed(version._get_days() for version in versions)
