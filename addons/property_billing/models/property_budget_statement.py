from odoo import fields, models
from odoo.fields import Domain

from .property_charge_meter import show_use
from .property_fund import mask_name

# What is shown of a supplier's bill, where a person has allowed it.
SHOWN_TYPES = ('application/pdf', 'image/jpeg', 'image/png')


class PropertyBudget(models.Model):
    """ What each payer is told at the year's end (清算单), and what owners see of the budget. """
    _inherit = 'property.budget'

    def _get_statements(self, units=None, partner=None):
        """ The year of each payer of each unit, in the order of the units.

        :param units: only of these
        :param partner: only of this payer
        :rtype: list[dict]
        """
        self.ensure_one()
        keys = dict(self.env['property.share.key']._fields['basis']._description_selection(
            self.env))
        line_ids = {cost.id: cost.budget_line_id.id for cost in self._get_costs()}
        statements = []
        for account in self._plan_true_up(units):
            if not account.partner_id or partner and account.partner_id != partner.id:
                continue
            lines = []
            for charge in account.planned:
                shared, share = charge.explanation['shared'], charge.explanation.get('share')
                lines.append({
                    'line_id': line_ids[shared['cost']],
                    'name': shared['name'],
                    'key': keys[shared['key']],
                    'total': float(shared['total']),
                    'weight': show_use(shared['weight']),
                    'weights': show_use(shared['weights']),
                    'days': share and share['days'][share['index']],
                    'of_days': share and sum(share['days']),
                    'amount': float(charge.amount),
                })
            advances = account.paid_ahead - account.settled
            difference = account.cost - advances
            statements.append({
                # sudo: a payer may have left the unit; what he bore of it is his to read.
                'unit': self.env['property.unit'].sudo().browse(account.unit_id),
                'partner': self.env['res.partner'].sudo().browse(account.partner_id),
                'lines': lines,
                'cost': float(account.cost),
                'advances': float(advances),
                'difference': float(difference),
                'settled': float(account.settled),
                'rest': float(difference - account.settled),
            })
        return sorted(statements, key=lambda statement: statement['unit'].complete_name)

    def _get_annex(self):
        """ Of which bills each cost is, as it stands behind every statement. """
        self.ensure_one()
        return [{
            'line_id': line.id,
            'name': line.name,
            'total': line.amount_actual,
            'sources': line._get_sources(),
        } for line in self.line_ids if line.amount_actual]

    def _has_payer(self, partner):
        """ Whether somebody was charged what the budget settles. """
        self.ensure_one()
        # sudo: asked for himself, of a unit that he may have left.
        return bool(self.env['property.charge'].sudo().search_count(
            Domain('partner_id', '=', partner.id) & self._get_advance_domain(), limit=1))

    def _get_advance_domain(self):
        """ What was charged ahead for the days of the budget. """
        return Domain([
            ('project_id', '=', self.project_id.id), ('state', '=', 'posted'),
            ('fee_id', 'in', self.advance_fee_ids.ids), ('date_start', '<=', self.date_end),
            ('date_end', '>=', self.date_start)])

    def _get_units_of(self, partner):
        """ The units for which somebody may have a statement, in the order of their codes. """
        # sudo: as above.
        charged = self.env['property.charge'].sudo().search([
            ('partner_id', '=', partner.id), ('project_id', '=', self.project_id.id)]).unit_id
        lived_in = self.env['property.occupancy'].sudo().with_context(active_test=False).search([
            ('partner_id', '=', partner.id), ('project_id', '=', self.project_id.id)]).unit_id
        return (charged | lived_in).sorted('complete_name')


class PropertyBudgetLine(models.Model):
    _inherit = 'property.budget.line'

    def _get_sources(self):
        """ Each bill or entry of it as owners are told: from whom, its number, day and amount. """
        return [{
            'bill': bill,
            'name': bill._get_source_name(),
            'number': bill.name,
            'ref': bill.is_purchase_document() and bill.ref,
            'date': bill.invoice_date or bill.date,
            'amount': amount,
        } for bill, amount in self._get_bills_sudo()]

    def _get_bills_sudo(self):
        """ What suppliers have billed for it, and entries that name it, the oldest first:
        `[(bill, amount)]`.
        """
        self.ensure_one()
        # sudo: what owners may see of it is for the caller to show.
        line_sudo = self.sudo()
        amounts = [
            (source.line_id.id, source.amount)
            for source in line_sudo.cost_ids.filtered(
                lambda cost: cost.state == 'confirmed').source_ids]
        amounts += line_sudo._get_rests().get(self.id, ())
        # Read together, not one by one.
        items_sudo = line_sudo.env['account.move.line'].browse(
            [item_id for item_id, _amount in amounts])
        by_bill = {}
        for item, (_item_id, amount) in zip(items_sudo, amounts, strict=True):
            by_bill[item.move_id] = by_bill.get(item.move_id, 0) + amount
        return sorted(by_bill.items(), key=lambda pair: (
            pair[0].invoice_date or pair[0].date, pair[0].id))


class AccountMove(models.Model):
    _inherit = 'account.move'

    property_document_is_shown = fields.Boolean(
        string="Owners may see the document", copy=False, tracking=True,
        help="Whoever pays for what the budget names may open the supplier's bill on the portal. "
             "Look first at what stands on it: bank accounts, or names of others.",
    )

    def _get_source_name(self):
        """ From whom it is, for owners. What an entry says may name employees. """
        self.ensure_one()
        return mask_name(self.partner_id.commercial_partner_id) if self.is_purchase_document() \
            else self.env._("Entry without a supplier, such as wages")

    def _get_shown_documents_sudo(self):
        """ The documents of those suppliers' bills of which a person has allowed it, in one query:
        `{bill: attachment}`.
        """
        # sudo: allowed by a person; who asks for them is checked by the caller.
        shown_sudo = self.sudo().filtered(
            lambda move: move.property_document_is_shown and move.state == 'posted')
        by_bill = self.env['ir.attachment'].sudo().search([
            ('res_model', '=', 'account.move'), ('res_id', 'in', shown_sudo.ids),
            ('res_field', '=', False), ('mimetype', 'in', SHOWN_TYPES)], order='id',
        ).grouped('res_id')
        return {
            move: move.message_main_attachment_id & by_bill[move.id] or by_bill[move.id][0]
            for move in shown_sudo if move.id in by_bill}
