from odoo import models


class AccountPaymentRegister(models.TransientModel):
    _inherit = 'account.payment.register'

    def _create_payment_vals_from_wizard(self, batch_result):
        return {
            **super()._create_payment_vals_from_wizard(batch_result),
            **self._get_property_vals(batch_result),
        }

    def _create_payment_vals_from_batch(self, batch_result):
        return {
            **super()._create_payment_vals_from_batch(batch_result),
            **self._get_property_vals(batch_result),
        }

    def _get_property_vals(self, batch_result):
        """ Money for the bills of one project is seen by the people of that project only. """
        projects = batch_result['lines'].property_project_id
        return {'property_project_id': projects.id} if len(projects) == 1 else {}
