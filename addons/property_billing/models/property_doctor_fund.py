from odoo import models
from odoo.tools import SQL


class PropertyDoctor(models.AbstractModel):
    """ Invariant 11: money of others ties to its accounts and never touches income. """
    _inherit = 'property.doctor'

    def _get_checks(self):
        return [
            *super()._get_checks(),
            *self._check_reports_of_others(),
            *self._check_charges_of_others(),
            *self._check_income(),
            *self._check_commissions(),
            *self._check_transfers(),
        ]

    def _check_reports_of_others(self):
        """ The rows of the report, those without a project included, are the accounts. """
        Report = self.env['property.fund.report']
        roles = dict(Report._fields['role']._description_selection(self.env))
        return [
            (self.env._(
                "%(role)s of %(company)s: report by project, account",
                role=roles[role], company=company), reported, balance)
            for company, role, reported, balance in self.env.execute_query(SQL(
                """
                SELECT company.name, accounts.role, SUM(report.balance), SUM(account.balance)
                  FROM (%(accounts)s) accounts
                  JOIN (SELECT company_id, account_id, -SUM(balance) AS balance
                          FROM account_move_line WHERE parent_state = 'posted'
                      GROUP BY company_id, account_id) account
                    ON account.account_id = accounts.account_id
                  JOIN res_company company ON company.id = account.company_id
             LEFT JOIN (SELECT company_id, account_id, SUM(balance) AS balance
                          FROM (SELECT company_id, account_id, project_id,
                                       SUM(amount_in) - SUM(amount_out) AS balance
                                  FROM (%(report)s) items
                              GROUP BY company_id, account_id, project_id) projects
                      GROUP BY company_id, account_id) report
                    ON report.account_id = account.account_id
                   AND report.company_id = account.company_id
              GROUP BY company.id, accounts.role
              ORDER BY company.id, accounts.role
                """, accounts=Report._get_accounts_sql(), report=Report._table_query))
        ]

    def _check_charges_of_others(self):
        """ What payers were charged for others, less credits, stands on such an account. """
        Report = self.env['property.fund.report']
        return [
            (self.env._(
                "Money of others of %(company)s: charged, on its accounts", company=company),
             charged, booked)
            for company, charged, booked in self.env.execute_query(SQL(
                """
                SELECT company.name,
                       SUM(line.balance) FILTER (WHERE line.display_type = 'payment_term'),
                       COALESCE(-SUM(line.balance) FILTER (WHERE line.display_type = 'product'
                            AND line.account_id IN (SELECT account_id FROM (%s) accounts)), 0)
                  FROM property_fee fee
                  JOIN property_charge charge ON charge.fee_id = fee.id
                  JOIN account_move_line line ON line.property_charge_id = charge.id
                  JOIN account_move move ON move.id = line.move_id
                  JOIN res_company company ON company.id = line.company_id
                 WHERE fee.nature != 'income' AND line.parent_state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_refund')
              GROUP BY company.id
              ORDER BY company.id
                """, Report._get_accounts_sql()))
        ]

    def _check_income(self):
        """ What is not the company's own never stands on an income account. """
        [[wrong]] = self.env.execute_query(SQL("""
            SELECT COUNT(*)
              FROM (
                SELECT line.id, line.account_id, line.parent_state
                  FROM property_fee fee
                  JOIN account_move_line line ON line.property_fee_id = fee.id
                 WHERE fee.nature != 'income'
             UNION
                SELECT line.id, line.account_id, line.parent_state
                  FROM property_fee fee
                  JOIN property_charge charge ON charge.fee_id = fee.id
                  JOIN account_move_line line ON line.property_charge_id = charge.id
                 WHERE fee.nature != 'income'
              ) line
              JOIN account_account account ON account.id = line.account_id
             WHERE line.parent_state = 'posted'
               AND account.account_type IN ('income', 'income_other')
        """))
        return [(self.env._("Money of others on income accounts, none"), wrong, 0)]

    def _check_transfers(self):
        """ What left a fund stands on the accounts of the units, and none of what was taken back.
        """
        [[amount, out, parts]] = self.env.execute_query(SQL("""
            SELECT COALESCE(SUM(transfer.amount), 0), COALESCE(SUM(entry.out), 0),
                   COALESCE(SUM(entry.parts), 0)
              FROM property_fund_transfer transfer
              JOIN property_fund fund ON fund.id = transfer.fund_id
         LEFT JOIN LATERAL (
                SELECT SUM(line.balance) FILTER (WHERE line.account_id = fund.account_id) AS out,
                       -SUM(line.balance) FILTER (WHERE line.property_unit_id IS NOT NULL) AS parts
                  FROM account_move move JOIN account_move_line line ON line.move_id = move.id
                 WHERE move.property_fund_transfer_id = transfer.id AND move.state = 'posted'
              ) entry ON TRUE
             WHERE transfer.state = 'posted'
        """))
        return [
            (self.env._("Transfers to maintenance funds, taken out"), amount, out),
            (self.env._("Transfers to maintenance funds, parts of the units"), amount, parts),
        ]

    def _check_commissions(self):
        """ Each was taken out of its fund by its entry, and no month twice. """
        [[amount, booked, twice]] = self.env.execute_query(SQL("""
            SELECT COALESCE(SUM(commission.amount), 0), COALESCE(SUM(entry.balance), 0),
                   COUNT(*) - COUNT(DISTINCT (commission.fund_id, commission.month))
              FROM property_fund_commission commission
              JOIN property_fund fund ON fund.id = commission.fund_id
         LEFT JOIN LATERAL (
                SELECT SUM(balance) AS balance FROM account_move_line line
                 WHERE line.move_id = commission.move_id AND line.account_id = fund.account_id
                   AND line.parent_state = 'posted'
              ) entry ON TRUE
        """))
        return [
            (self.env._("Commissions of funds, their entries"), amount, booked),
            (self.env._("Commissions of a month posted twice, none"), twice, 0),
        ]
