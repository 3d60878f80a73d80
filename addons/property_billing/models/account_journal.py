from odoo import models


class AccountJournal(models.Model):
    _inherit = 'account.journal'

    def _set_direct_receipts(self):
        """ Book what these journals receive to their own account at once.

        Without it a payment waits on an outstanding account, "in process", until a bank statement
        line is matched with it. Right where the money is there when the payment is posted: cash,
        and providers whose settlements are booked from their report.

        Charts such as `cn` make these accounts reconcilable, by which Odoo takes them for
        outstanding accounts: payments of a part would stay in process for ever.
        """
        self.default_account_id.reconcile = False
        for journal in self:
            journal.inbound_payment_method_line_ids.payment_account_id = journal.default_account_id
