from odoo import api, fields, models


class PropertyCharge(models.Model):
    """ Why a charge was left out of its run and what to do, in each reader's language. """
    _inherit = 'property.charge'

    reason = fields.Selection(
        [('no_payer', "No payer"), ('no_version', "No price on this date"),
         ('no_account', "The fee has no account"), ('no_tax', "The fee has no tax"),
         ('zero', "The amount is zero"), ('free', "Free of charge"), ('no_use', "Nothing used"),
         ('no_reading', "No reading"), ('archived', "Archived"),
         ('left', "The customer has left"),
         ('changed', "Changed since the preview"), ('refused', "Refused when posted"),
         ('manual', "Left out by hand")],
        string="Why left out",
    )
    # The key `text` of `_get_reason_texts`, and the names and figures in that text.
    reason_values = fields.Json(string="What was found")
    reason_detail = fields.Char(string="Detail", compute='_compute_reason_detail')

    @api.depends('reason_values')
    @api.depends_context('lang')
    def _compute_reason_detail(self):
        texts = self._get_reason_texts()
        for charge in self:
            values = charge.reason_values
            charge.reason_detail = values and texts[values['text']] % values

    @api.model
    def _get_reason_texts(self):
        """ The texts by the code that `_get_left_out_reason` and `_get_change` give. """
        _ = self.env._
        return {
            'archived': _("%(record)s is archived. Restore it, or end the fee of this unit."),
            'left': _(
                "%(payer)s, whom the fee names, left %(unit)s on %(day)s. End the fee of this "
                "unit, or enter another customer."),
            'no_version': _(
                "%(tariff)s has no price on %(day)s. Add a price from that day to the tariff."),
            'free': _("Nothing is to be paid for these days: %(ground)s."),
            'no_cent': _(
                "Of %(amount)s nothing falls to the days of this payer, in whole cents."),
            'no_use': _("%(meter)s counted nothing."),
            'no_reading': _(
                "%(meter)s has no reading since %(day)s. Enter one, or estimate it."),
            'relief_ended': _(
                "It was free of charge (%(ground)s), which does not hold any more. The next run "
                "charges it."),
            'no_area': _("%(unit)s has no building area. Enter it on the unit."),
            'no_usable_area': _("%(unit)s has no usable area. Enter it on the unit."),
            'no_household': _("%(unit)s has no households. Enter how many on the unit."),
            'no_percent_price': _(
                "%(tariff)s is a percentage of %(fees)s, which has no price or no area on "
                "%(day)s. Complete that first."),
            'no_percent_base': _(
                "%(tariff)s is a percentage of %(fees)s, but %(unit)s pays nothing for it on "
                "%(day)s. Assign that fee, or end this one."),
            'free_base': _(
                "%(tariff)s is a percentage of %(fees)s, which %(unit)s has free of charge on "
                "%(day)s: nothing is charged of it."),
            'zero': _("Price, quantity and rounding of %(tariff)s give nothing to pay."),
            'no_account': _("%(fee)s has no account. Choose one on the fee."),
            'no_tax': _(
                "%(fee)s has no tax on %(day)s, the day of the bill. Choose one on the fee, be it "
                "“exempt” or “not taxable”."),
            'tax_on_top': _(
                "%(fee)s: tax %(tax)s comes on top of the price. Choose one that is included in "
                "it, since a charge is what the owner pays."),
            'not_handed_over': _(
                "%(unit)s is not handed over on %(day)s, and its project has no developer. "
                "Enter the developer on the project, or the hand-over date on the unit."),
            'no_payer': _(
                "Nobody pays for %(unit)s on %(day)s. Enter its owner, or tick “Pays the bills” "
                "for one of its owners."),
            'other_assignment': _("Its assignment is now of %(assignment)s."),
            'other_days': _("The payer's days have changed since the preview."),
            'other_payer': _("The payer is now %(payer)s."),
            'payer_gone': _(
                "Nobody pays for it now. Enter the unit's owner, or the customer of the "
                "assignment."),
            'other_amount': _(
                "It would now be %(now)s instead of %(then)s, because its price, area or quantity "
                "was changed since the preview."),
            'closed_since': _("These days came in with the history since the preview."),
            'ended': _("The assignment ends before this period does."),
            'refused': '%(message)s',
            'manual': _("Left out by %(user)s."),
        }

    def _leave_out(self, reason, values):
        """ Keep these charges out of their run.

        :param dict values: see `reason_values`
        """
        # sudo: steps of the run and people's decisions, which check who may, are all that do this.
        self.sudo().write({'state': 'left_out', 'reason': reason, 'reason_values': values})
