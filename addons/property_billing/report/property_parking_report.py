from odoo import api, fields, models
from odoo.tools import SQL


class PropertyParkingReport(models.Model):
    """ The last payment for each space, for who may see charges (B43, table 2). """
    _inherit = 'property.parking.report'

    currency_id = fields.Many2one(related='company_id.currency_id')
    date_paid = fields.Date(string="Last paid on", compute='_compute_last_payment')
    amount_paid = fields.Monetary(
        string="Last amount paid", compute='_compute_last_payment',
        help="What the last payment settled of the charges of this space since it has its user.")
    recorder_id = fields.Many2one(
        'res.users', string="Recorded by", compute='_compute_last_payment')

    @api.depends('occupancy_id')
    def _compute_last_payment(self):
        """ In one query: a list reads it for what it shows, and nobody else pays for it. """
        rows = {}
        if self.env['property.charge'].has_access('read'):
            self.env['account.partial.reconcile'].flush_model()
            self.env['property.charge'].flush_model(['receivable_line_id', 'state', 'unit_id'])
            rows = {unit_id: row for unit_id, *row in self.env.execute_query(SQL(
                """
                SELECT DISTINCT ON (unit_id) unit_id, date, amount, create_uid
                  FROM (
                    SELECT charge.unit_id, move.id, move.date, move.create_uid,
                           SUM(partial.amount) AS amount
                      FROM property_occupancy use
                      JOIN property_charge charge
                        ON charge.unit_id = use.unit_id AND charge.date_end >= use.date_start
                      JOIN account_partial_reconcile partial
                        ON partial.debit_move_id = charge.receivable_line_id
                      JOIN account_move_line credit ON credit.id = partial.credit_move_id
                      JOIN account_move move ON move.id = credit.move_id
                     WHERE use.id IN %s AND charge.state = 'posted'
                       AND (credit.payment_id IS NOT NULL OR credit.statement_line_id IS NOT NULL)
                     GROUP BY charge.unit_id, move.id
                  ) payment
                 ORDER BY unit_id, date DESC, id DESC
                """, tuple(self.occupancy_id.ids) or (None,)))}
        for line in self:
            line.date_paid, line.amount_paid, line.recorder_id = rows.get(
                line.unit_id.id, (False, 0, False))
