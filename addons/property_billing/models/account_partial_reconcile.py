from odoo import api, models
from odoo.exceptions import UserError


class AccountPartialReconcile(models.Model):
    """ Of a charge that was taken back nothing is owed again: its days may be charged anew. """
    _inherit = 'account.partial.reconcile'

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_credit_note(self):
        notes_sudo = self._get_credit_notes_sudo()
        for partial in self.sudo():  # as in `_get_credit_notes_sudo`
            debit, credit = partial.debit_move_id, partial.credit_move_id
            charge, note = debit.property_charge_id, (debit + credit).move_id & notes_sudo
            if note and charge == credit.property_charge_id and charge.state == 'reversed':
                raise UserError(self.env._(
                    "%(note)s took back %(charge)s, so they stay matched. To charge it again, use "
                    "a bill run.", note=note.name, charge=charge.display_name))

    def unlink(self):
        """ Override of `account`: where a payment leaves a charge, what is left of the charge's
        credit notes comes in. Who takes a credit note of a part off its charge wants it so.
        """
        notes_sudo = self._get_credit_notes_sudo() + self._get_unused_credit_notes_sudo()
        result = super().unlink()
        notes_sudo._match_credited_charges()
        return result

    # === BUSINESS METHODS === #

    def _get_credit_notes_sudo(self):
        """ Those that took back charges which are matched here.

        In sudo mode: who may undo a matching may have no right on charges, or not on all projects.
        """
        partials_sudo = self.sudo()
        lines_sudo = partials_sudo.debit_move_id + partials_sudo.credit_move_id
        charges_sudo = lines_sudo.property_charge_id.filtered(
            lambda charge: charge.state == 'reversed')
        return charges_sudo.move_id.reversal_move_ids.filtered(
            lambda move: move.state == 'posted')

    def _get_unused_credit_notes_sudo(self):
        """ Those with something left, of charges of which a payment leaves here. """
        charges_sudo = self.sudo().filtered(  # as above
            lambda partial: partial.credit_move_id.move_type != 'out_refund',
        ).debit_move_id.property_charge_id.filtered(lambda charge: charge.state == 'posted')
        return charges_sudo.move_id.reversal_move_ids.filtered(lambda move: (
            move.state == 'posted' and move.amount_residual))
