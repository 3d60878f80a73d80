from odoo import api, fields, models


class AccountJournal(models.Model):
    _inherit = 'account.journal'

    property_direct_receipts = fields.Boolean(
        string="Received at once",
        compute='_compute_property_direct_receipts', inverse='_inverse_property_direct_receipts',
        help="Payments are booked to the account of this journal when they are posted. Without it "
             "they wait on an outstanding account until a bank statement line is matched with "
             "them. Right for cash, and where nobody enters bank statements in Odoo.",
    )

    @api.depends(
        'default_account_id.reconcile', 'inbound_payment_method_line_ids.payment_account_id')
    def _compute_property_direct_receipts(self):
        for journal in self:
            account, lines = journal.default_account_id, journal.inbound_payment_method_line_ids
            journal.property_direct_receipts = bool(lines and account) and not account.reconcile \
                and all(line.payment_account_id == account for line in lines)

    def _inverse_property_direct_receipts(self):
        """ Charts such as `cn` make the accounts of bank and cash reconcilable, by which Odoo takes
        them for outstanding accounts: payments of a part would stay “in process” for ever.
        """
        direct = self.filtered('property_direct_receipts')
        direct.default_account_id.reconcile = False
        for journal in self:
            account, lines = journal.default_account_id, journal.inbound_payment_method_line_ids
            if journal in direct:
                lines.payment_account_id = account
            else:
                lines.filtered(
                    lambda line, account=account: line.payment_account_id == account,
                ).payment_account_id = False
