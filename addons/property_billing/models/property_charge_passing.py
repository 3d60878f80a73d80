from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..tools.explanation import explain_once
from .property_charge_correction import CENT


class PropertyCharge(models.Model):
    """ What one payer owes is put on another: credited to the one, billed to the other, so that
    what is posted stays as it is.
    """
    _inherit = 'property.charge'

    passed_from_id = fields.Many2one(
        'property.charge', string="Passed on from", index='btree_not_null', ondelete='restrict',
        readonly=True, copy=False, help="The same as another payer owed it before.",
    )

    is_of_owner = fields.Boolean(
        string="Owed by an owner", compute='_compute_is_of_owner',
        help="Whoever owes it owns the unit today, so that it cannot be passed to the owner.",
    )

    @api.depends('partner_id', 'unit_id.owner_ids')
    def _compute_is_of_owner(self):
        for charge in self:
            # sudo: a payer who has left the unit still sees his charges.
            charge.is_of_owner = charge.partner_id in charge.sudo().unit_id.owner_ids

    # === ACTION METHODS === #

    def action_pass(self):
        """ Put a tenant's arrears on the owner: what of these is overdue. """
        overdue = self.filtered(lambda charge: charge.payment_state == 'overdue')
        if not overdue:
            raise UserError(self.env._("None of these is overdue: there is nothing to pass on."))
        return {
            'name': self.env._("Pass arrears to the owner"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.charge.pass',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_charge_ids': overdue.ids},
        }

    # === BUSINESS METHODS === #

    def _pass_arrears(self, owner, ground, date, date_due, tells=True):
        """ Put what is overdue of these charges on the owner of their unit (B11).

        :param str ground: why he owes it, as it stands on bill and credit note
        :param date_due: until when he has to pay
        :param bool tells: send both a notice
        :return: the charges of the owner
        """
        self._check_passing_right()
        self.check_access('write')
        self._lock_receivables()
        today = fields.Date.context_today(self)
        if date_due < date:
            raise UserError(self.env._(
                "The owner would have to pay by %(due)s, before the bill date %(date)s. Choose a "
                "later due date.", due=format_date(self.env, date_due),
                date=format_date(self.env, date)))
        for charge in self:
            if charge.state != 'posted' or charge.amount_residual <= 0 or charge.date_due >= today:
                raise UserError(self.env._(
                    "%(charge)s is not overdue, so there is nothing to pass on.",
                    charge=charge.display_name))
            if owner not in charge.unit_id.owner_ids or owner == charge.partner_id:
                raise UserError(self.env._(
                    "%(name)s is not the owner of %(unit)s, or owes this himself. Choose its "
                    "owner.", name=owner.name, unit=charge.unit_id.complete_name))
        template = 'property_billing.template_arrears_taken' if tells else None
        passed = self._pass_to(owner, ground, date, date_due, template)
        # sudo: the rights are checked above, and a manager needs no accounting group.
        bills_sudo = passed.sudo().move_id
        bills_sudo._publish_property_bills(template)  # what the tenant has not seen, too
        if tells:
            self.env['property.notification']._notify_each(
                [(partner, bill, None) for bill in bills_sudo
                 for partner in bill.line_ids.property_charge_id.passed_from_id.partner_id],
                'billing', template='property_billing.template_arrears_passed')
        return passed

    def _pass_to(
        self, partner, reason, date, date_due=None, template='property_billing.template_bill',
    ):
        """ From now on somebody else owes what is still owed of these charges (decision 28).

        A charge of which nothing is paid keeps its period and explanation; of another the rest is
        passed. What its payer has seen, the new one sees.

        :param date_due: the earliest due date, by default that of the bill
        :param template: the message to the new payer
        :return: the charges of the new payer
        """
        self._check_passing_right()
        self.check_access('write')
        # sudo: the right and the charges are checked above; no accounting group is needed.
        charges_sudo = self.sudo()
        is_published = any(charges_sudo.move_id.mapped('property_published_at'))
        vals_list = [
            charge._prepare_passed_vals(partner, date_due or date) for charge in charges_sudo]
        charges_sudo._credit(reason, date)
        # What is charged to the other payer for the same days takes the place of these.
        charges_sudo.browse([
            vals['passed_from_id'] for vals in vals_list if vals.get('is_corrected')
        ]).is_corrected = False
        charges_sudo.flush_recordset()  # their days are free before they are taken again
        passed_sudo = charges_sudo.create(vals_list)
        bills_sudo = passed_sudo._create_bills(date)
        bills_sudo.ref = reason
        if is_published:
            bills_sudo._publish_property_bills(template)
        return self.browse(passed_sudo.ids)

    def _get_first_owed(self):
        """ What this was before anybody took it over. """
        self.ensure_one()
        first = self
        while first.passed_from_id:
            first = first.passed_from_id
        return first

    def _filter_taken_over(self):
        """ Those of these reversed charges that somebody else has taken over and owes. """
        owed = (self._get_with_followers() - self).filtered(
            lambda charge: charge.state == 'posted' or charge.is_corrected)
        taken_over = self.browse()
        for charge in owed:
            while charge not in self:
                charge = charge.passed_from_id or charge.origin_charge_id
            taken_over |= charge
        return taken_over

    def _check_passing_right(self):
        is_manager = self.env.user.has_group('property_billing.group_billing_manager')
        if not self.env.su and not is_manager:
            raise AccessError(self.env._("You are not allowed to pass arrears to another payer."))

    def _prepare_passed_vals(self, partner, date_due):
        vals = {
            'unit_id': self.unit_id.id, 'fee_id': self.fee_id.id, 'tariff_id': self.tariff_id.id,
            'partner_id': partner.id, 'date_start': self.date_start, 'date_end': self.date_end,
            'date_due': max(self.date_due, date_due), 'amount': self.amount_residual,
            # What it is stays: for arrears and collection rate, and a late fee bears none.
            'kind': self.kind, 'origin_charge_id': self.origin_charge_id.id,
            'passed_from_id': self.id,
        }
        if self.currency_id.compare_amounts(self.amount_residual, self.amount):
            return {
                **vals,
                'explanation': explain_once(
                    Decimal(1), Decimal(repr(self.amount_residual)), CENT, self.env._(
                        "What %(name)s still owed of %(amount)s", name=self.partner_id.name,
                        amount=self.currency_id.format(self.amount))),
            }
        return {
            **vals, 'assignment_id': self.assignment_id.id, 'explanation': self.explanation,
            'is_corrected': self.is_corrected,
        }
