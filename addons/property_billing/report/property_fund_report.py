from odoo import fields, models
from odoo.tools import SQL

from ..models.property_fee import FUND_KINDS
from ..models.res_company import ACCOUNT_FIELDS

MONEY_OF_OTHERS = [('agency', "Collected for others"), *FUND_KINDS, ('deposit', "Deposit")]


class PropertyFundReport(models.Model):
    """ Whose money it is: every posted item on an account of money of others (decision 23).

    The journal is the ledger: items without project, unit or fee are rows, too, so that the rows of
    an account always add up to its balance.
    """
    _name = 'property.fund.report'
    _description = 'Money of others'
    _inherit = ['property.scope.mixin']
    _auto = False
    _order = 'date desc, id desc'
    _depends = {
        'account.move': [
            'commercial_partner_id', 'move_type', 'property_fund_transfer_id',
            'property_shared_cost_id'],
        'account.move.line': [
            'account_id', 'balance', 'company_id', 'date', 'move_id', 'name', 'parent_state',
            'partner_id', 'property_beneficiary_id', 'property_budget_line_id',
            'property_building_id', 'property_charge_id', 'property_fee_id',
            'property_project_id', 'property_unit_id', 'amount_residual',
        ],
        'property.charge': ['move_id', 'receivable_line_id'],
        'property.fee': ['account_id', 'fund_kind', 'nature'],
        'property.fund': ['account_id', 'kind', 'project_id'],
        'property.fund.commission': ['move_id'],
        'property.unit': ['building_id'],
        'res.company': list(ACCOUNT_FIELDS.values()),
    }

    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    project_id = fields.Many2one('property.project', string="Project", readonly=True)
    building_id = fields.Many2one('property.building', string="Building", readonly=True)
    unit_id = fields.Many2one('property.unit', string="Unit", readonly=True)
    fund_id = fields.Many2one('property.fund', string="Fund", readonly=True)
    role = fields.Selection(MONEY_OF_OTHERS, string="Whose money", readonly=True)
    account_id = fields.Many2one('account.account', string="Account", readonly=True)
    fee_id = fields.Many2one('property.fee', string="Fee", readonly=True)
    beneficiary_id = fields.Many2one(
        'res.partner', string="Collected for", readonly=True,
        help="Of a supplier's bill that names nobody: the supplier.")
    budget_line_id = fields.Many2one(
        'property.budget.line', string="Cost of the budget", readonly=True)
    partner_id = fields.Many2one('res.partner', string="Payer or supplier", readonly=True)
    move_id = fields.Many2one('account.move', string="Entry", readonly=True)
    name = fields.Char(string="Item text", readonly=True)
    date = fields.Date(readonly=True)
    movement = fields.Selection(
        [('billed', "Billed"), ('supplier', "Supplier"), ('commission', "Manager's commission"),
         ('division', "Divided among the units"), ('transfer', "Transfer between funds"),
         ('entry', "Other entry")], readonly=True)
    amount_in = fields.Monetary(
        string="In", readonly=True,
        help="What payers were billed, less credits, and what else was added.")
    amount_out = fields.Monetary(
        string="Out", readonly=True, help="What suppliers billed, less credits, and other use.")
    amount_balance = fields.Monetary(string="Balance", readonly=True, help="In less out.")
    amount_open = fields.Monetary(
        string="Not received yet", readonly=True, help="What payers still owe of what came in.")

    @property
    def _table_query(self):
        return SQL(
            """
            WITH accounts AS (%(accounts)s)
            SELECT line.id, line.company_id, line.property_project_id AS project_id,
                   COALESCE(unit.building_id, line.property_building_id) AS building_id,
                   line.property_unit_id AS unit_id,
                   fund.id AS fund_id, accounts.role, line.account_id,
                   line.property_fee_id AS fee_id,
                   COALESCE(line.property_beneficiary_id,
                            CASE WHEN is_supplier THEN move.commercial_partner_id END
                            ) AS beneficiary_id,
                   line.property_budget_line_id AS budget_line_id,
                   line.partner_id, line.move_id, line.name, line.date,
                   CASE WHEN is_billed THEN 'billed' WHEN is_supplier THEN 'supplier'
                        WHEN is_commission THEN 'commission'
                        WHEN is_division THEN 'division' WHEN is_transfer THEN 'transfer'
                        ELSE 'entry' END AS movement,
                   CASE WHEN is_billed OR is_transfer AND line.property_unit_id IS NOT NULL
                        THEN -line.balance
                        WHEN is_supplier OR is_commission OR is_division OR is_transfer THEN 0
                        ELSE GREATEST(-line.balance, 0) END AS amount_in,
                   CASE WHEN is_billed OR is_transfer AND line.property_unit_id IS NOT NULL THEN 0
                        WHEN is_supplier OR is_commission OR is_division OR is_transfer
                        THEN line.balance
                        ELSE GREATEST(line.balance, 0) END AS amount_out,
                   -line.balance AS amount_balance,
                   COALESCE(owed.amount_residual, 0) AS amount_open
              FROM accounts
              JOIN account_move_line line ON line.account_id = accounts.account_id
              JOIN account_move move ON move.id = line.move_id
        CROSS JOIN LATERAL (
                SELECT move.move_type IN ('out_invoice', 'out_refund', 'out_receipt') AS is_billed,
                       move.move_type IN ('in_invoice', 'in_refund', 'in_receipt') AS is_supplier,
                       move.property_shared_cost_id IS NOT NULL
                           AND move.move_type = 'entry' AS is_division,
                       move.property_fund_transfer_id IS NOT NULL AS is_transfer,
                       EXISTS (SELECT FROM property_fund_commission commission
                                WHERE commission.move_id = move.id) AS is_commission
              ) kind
         LEFT JOIN property_fund fund
                ON fund.account_id = line.account_id
               AND fund.project_id = line.property_project_id
         LEFT JOIN property_unit unit ON unit.id = line.property_unit_id
         LEFT JOIN property_charge charge
                ON charge.id = line.property_charge_id AND charge.move_id = line.move_id
         LEFT JOIN account_move_line owed ON owed.id = charge.receivable_line_id
             WHERE line.parent_state = 'posted'
            """, accounts=self._get_accounts_sql())

    def _get_accounts_sql(self):
        """ The accounts of money of others, each with its role: that of the company, else that of
        the fund that it holds, else that of the fees that are posted on it.
        """
        of_companies = SQL(' UNION ALL ').join(
            SQL("SELECT %s, %s, 1 FROM res_company", SQL.identifier(ACCOUNT_FIELDS[role]), role)
            for role, _name in MONEY_OF_OTHERS)
        return SQL(
            """
            SELECT DISTINCT ON (account_id) account_id, role
              FROM (%s
             UNION ALL
                    SELECT account_id, kind, 2 FROM property_fund
             UNION ALL
                    SELECT account_id, CASE nature WHEN 'trust' THEN fund_kind ELSE nature END, 3
                      FROM property_fee
                     WHERE nature != 'income') roles (account_id, role, rank)
             WHERE account_id IS NOT NULL
          ORDER BY account_id, rank, role
            """, of_companies)

    def action_open_entry(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'account.move',
            'res_id': self.move_id.id,
            'views': [(False, 'form')],
        }
