from odoo import api, models


class ResGroups(models.Model):
    _inherit = 'res.groups'

    @api.model
    def _get_view_group_hierarchy(self):
        """ Override of `base`, where the word for "nothing ticked" is no translatable field. """
        hierarchy = super()._get_view_group_hierarchy()
        words = {'No': self.env._("Not given"), 'View': self.env._("View only")}
        # A new dictionary: what came is kept in a cache.
        return {**hierarchy, 'privileges': {
            id_: {**privilege, 'placeholder': words.get(
                privilege['placeholder'], privilege['placeholder'])}
            for id_, privilege in hierarchy['privileges'].items()
        }}
