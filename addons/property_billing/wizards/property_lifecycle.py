from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

# How many charges a sentence names; who needs them all has their list.
NAMED_CHARGES = 3


class PropertyCheckIn(models.TransientModel):
    _inherit = 'property.check.in'

    property_bill_grouping = fields.Selection(
        selection=lambda self: self.env['res.partner']._fields[
            'property_bill_grouping']._description_selection(self.env),
        string="Bills", required=True, compute='_compute_property_bill_grouping', store=True,
        readonly=False, precompute=True,
    )

    @api.depends('partner_id')
    def _compute_property_bill_grouping(self):
        for wizard in self:
            wizard.property_bill_grouping = wizard.partner_id.property_bill_grouping or 'unit'

    def action_confirm(self):
        """ Override of `property_base`: how he gets his bills is asked with the check-in (A28). """
        action = super().action_confirm()
        if self.partner_id.property_bill_grouping != self.property_bill_grouping:
            self.partner_id.property_bill_grouping = self.property_bill_grouping
        return action


class PropertyMattersWizard(models.AbstractModel):
    _inherit = 'property.matters.wizard'

    later_charges = fields.Text(
        string="Charges after the last day", compute='_compute_later_charges',
    )

    @api.depends(lambda self: [self._leaving_field, 'date'])
    def _compute_later_charges(self):
        """ What becomes of them, told before it is done. """
        for wizard in self:
            occupancies, last_day = wizard._get_leaving()
            # sudo: who may move a customer out is told what follows from it.
            charges_sudo = (
                occupancies.sudo()._get_later_charges(last_day) if occupancies
                else self.env['property.charge'].sudo())
            paid = charges_sudo._get_kept()
            sentences = []
            if cancelled := charges_sudo - paid:
                sentences.append(self.env._(
                    "%(count)s charges for the time after it, together %(amount)s, are cancelled.",
                    count=len(cancelled), amount=formatLang(
                        self.env, sum(cancelled.mapped('amount')),
                        currency_obj=cancelled.currency_id)))
            if paid:
                paid = paid.sorted('date_start')
                names = paid[:NAMED_CHARGES].mapped('display_name')
                sentences.append(self.env._(
                    "%(count)s charges for the time after it, until %(end)s, are paid, wholly or "
                    "in part, and stay; the first are %(charges)s. Check the date; if it is "
                    "right, finance settles with the customer.", count=len(paid),
                    end=format_date(self.env, max(paid.mapped('date_end'))),
                    charges=names))
            wizard.later_charges = '\n'.join(sentences)


class PropertyOpenMatter(models.TransientModel):
    _inherit = 'property.open.matter'

    decision = fields.Selection(
        selection_add=[('correct', "Corrected by days")], ondelete={'correct': 'cascade'})
    journal_id = fields.Many2one(
        'account.journal', string="Cash or bank", domain=[('type', 'in', ('bank', 'cash'))],
        help="Where money that is received or refunded now comes in or goes out.",
    )

    def _get_journal(self):
        self.ensure_one()
        journal = self.journal_id
        company = (self.transfer_id or self.move_out_id).company_id
        # sudo: only its type and company are looked at; what is done with it was checked before.
        if journal.sudo().type not in ('bank', 'cash') or journal.sudo().company_id != company:
            raise UserError(self.env._(
                "“%(matter)s”: choose the cash or bank journal of %(company)s for it.",
                matter=self.name, company=company.name))
        return journal
