from odoo import models
from odoo.exceptions import UserError


class AccountPartialReconcile(models.Model):
    _inherit = 'account.partial.reconcile'

    def unlink(self):
        """ Override of `account`: of a charge that was taken back nothing is ever owed again.

        Its days may have been charged anew. So it stays matched with its credit notes, and where a
        payment leaves it, what is left of them comes in.
        """
        # sudo: who may undo a matching may have no right on charges, or on all of their projects.
        partials_sudo = self.sudo()
        charges_sudo = (
            partials_sudo.debit_move_id + partials_sudo.credit_move_id
        ).property_charge_id.filtered(lambda charge: charge.state == 'reversed')
        notes_sudo = charges_sudo.move_id.reversal_move_ids.filtered(
            lambda move: move.state == 'posted')
        for partial in partials_sudo:
            debit, credit = partial.debit_move_id, partial.credit_move_id
            charge, note = debit.property_charge_id, (debit + credit).move_id & notes_sudo
            if charge in charges_sudo and charge == credit.property_charge_id and note:
                raise UserError(self.env._(
                    "%(note)s took back %(charge)s, so they stay matched. To charge it again, use "
                    "a bill run.", note=note.name, charge=charge.display_name))
        result = super().unlink()
        notes_sudo._match_credited_charges()
        return result
