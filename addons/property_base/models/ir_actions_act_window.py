from ast import literal_eval

from odoo import models
from odoo.fields import Domain


class IrActionsActWindow(models.Model):
    _inherit = 'ir.actions.act_window'

    def _get_own_domain(self):
        """ Which records the action shows to everybody; of one whose domain asks for no context.

        :rtype: Domain
        """
        self.ensure_one()
        return Domain(literal_eval(self.domain or '[]'))
