from odoo import fields, models
from odoo.tools import SQL

from ..models.property_shared_source import SHAREABLE_AMOUNT


class PropertyBudgetReport(models.Model):
    """ Planned against actual: a row for what is planned of each cost, and one for each bill or
    entry that it came to.
    """
    _name = 'property.budget.report'
    _description = 'Planned and actual'
    _inherit = ['property.scope.mixin']
    _auto = False
    _order = 'date_start desc, line_id, date_bill, id'
    _rec_name = 'line_id'
    _depends = {
        'account.move': ['commercial_partner_id', 'date', 'invoice_date', 'move_type', 'name'],
        'account.move.line': [
            'balance', 'display_type', 'move_id', 'parent_state', 'price_total',
            'property_budget_line_id'],
        'property.budget': ['company_id', 'date_start', 'project_id', 'state'],
        'property.budget.line': ['amount_planned', 'budget_id', 'key_id', 'sequence'],
        'property.shared.cost': ['budget_line_id', 'state'],
        'property.shared.source': ['amount', 'cost_id', 'line_id'],
    }

    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    project_id = fields.Many2one('property.project', string="Project", readonly=True)
    budget_id = fields.Many2one('property.budget', string="Budget", readonly=True)
    line_id = fields.Many2one('property.budget.line', string="Cost of the budget", readonly=True)
    key_id = fields.Many2one('property.share.key', string="Share key", readonly=True)
    date_start = fields.Date(string="Budget from", readonly=True)
    date_bill = fields.Date(string="Bill date", readonly=True, help="None of what is planned.")
    supplier_id = fields.Many2one(
        'res.partner', string="Supplier", readonly=True,
        help="None of an entry, such as wages.")
    number = fields.Char(readonly=True, help="Of the bill or the entry.")
    amount_planned = fields.Monetary(string="Planned", readonly=True)
    amount_actual = fields.Monetary(string="Actual", readonly=True)
    amount_left = fields.Monetary(string="Left of the plan", readonly=True)

    @property
    def _table_query(self):
        """ What of a bill is divided, by the cost that it is divided for; what is not, by the cost
        that the bill names.
        """
        return SQL(
            """
            WITH spent AS (
                SELECT cost.budget_line_id AS line_id, source.line_id AS item_id,
                       SUM(source.amount) AS amount
                  FROM property_shared_source source
                  JOIN property_shared_cost cost ON cost.id = source.cost_id
                 WHERE cost.state = 'confirmed' AND cost.budget_line_id IS NOT NULL
              GROUP BY cost.budget_line_id, source.line_id
             UNION ALL
                SELECT item.property_budget_line_id, item.id, %s - COALESCE((
                           SELECT SUM(source.amount)
                             FROM property_shared_source source
                             JOIN property_shared_cost cost ON cost.id = source.cost_id
                            WHERE source.line_id = item.id AND cost.state = 'confirmed'), 0)
                  FROM account_move_line item
                  JOIN account_move move ON move.id = item.move_id
                 WHERE item.property_budget_line_id IS NOT NULL AND item.parent_state = 'posted'
                   AND item.display_type = 'product'
              ), rows AS (
                SELECT id AS line_id, NULL::int AS item_id, COALESCE(amount_planned, 0) AS planned,
                       0 AS actual
                  FROM property_budget_line
             UNION ALL
                SELECT line_id, item_id, 0, SUM(amount) FROM spent
              GROUP BY line_id, item_id HAVING SUM(amount) != 0
              )
            SELECT ROW_NUMBER() OVER (ORDER BY rows.line_id, rows.item_id NULLS FIRST) AS id,
                   budget.company_id, budget.project_id, line.budget_id, line.id AS line_id,
                   line.key_id, budget.date_start,
                   COALESCE(move.invoice_date, move.date) AS date_bill,
                   CASE WHEN move.move_type != 'entry'
                        THEN move.commercial_partner_id END AS supplier_id,
                   move.name AS number, rows.planned AS amount_planned,
                   rows.actual AS amount_actual, rows.planned - rows.actual AS amount_left
              FROM rows
              JOIN property_budget_line line ON line.id = rows.line_id
              JOIN property_budget budget ON budget.id = line.budget_id
         LEFT JOIN account_move_line item ON item.id = rows.item_id
         LEFT JOIN account_move move ON move.id = item.move_id
            """, SHAREABLE_AMOUNT)
