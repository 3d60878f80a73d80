from odoo import api, fields, models


class PropertyChargePass(models.TransientModel):
    """ A tenant's arrears become the owner's (B11): who pays, why, and who is told. """
    _name = 'property.charge.pass'
    _description = 'Arrears passed to the owner'

    charge_ids = fields.Many2many('property.charge', string="Arrears", required=True)
    owner_ids = fields.Many2many(
        'res.partner', string="Owners", compute='_compute_owner_ids', compute_sudo=False)
    partner_id = fields.Many2one(
        'res.partner', string="Owner", required=True, domain="[('id', 'in', owner_ids)]",
        compute='_compute_partner_id', store=True, readonly=False, precompute=True,
        compute_sudo=False,
    )
    ground = fields.Char(
        required=True, help="Why the owner owes it: it stands on his bill and in both notices.",
    )
    date = fields.Date(string="Bill date", required=True, default=fields.Date.context_today)
    date_due = fields.Date(
        string="Due", required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=15),
    )
    posting_notice = fields.Char(compute='_compute_posting_notice', compute_sudo=False)
    tells = fields.Boolean(string="Send both a notice", default=True)
    currency_id = fields.Many2one('res.currency', compute='_compute_amount')
    amount = fields.Monetary(string="Owed", compute='_compute_amount', compute_sudo=False)

    @api.depends('charge_ids.unit_id', 'charge_ids.partner_id')
    def _compute_owner_ids(self):
        """ Who owns all of the units today, and does not owe it himself. """
        for wizard in self:
            units = wizard.charge_ids.unit_id
            owners = units.owner_ids.filtered(
                lambda owner, units=units: all(owner in unit.owner_ids for unit in units))
            wizard.owner_ids = owners - wizard.charge_ids.partner_id

    @api.depends('owner_ids')
    def _compute_partner_id(self):
        for wizard in self:
            wizard.partner_id = wizard.owner_ids[:1]._origin

    @api.depends('charge_ids')
    def _compute_amount(self):
        for wizard in self:
            wizard.charge_ids._origin.check_access('read')
            wizard.currency_id = wizard.charge_ids.currency_id[:1]
            wizard.amount = sum(wizard.charge_ids.mapped('amount_residual'))

    @api.depends('date', 'charge_ids')
    def _compute_posting_notice(self):
        for wizard in self:
            wizard.posting_notice = wizard.charge_ids.company_id._get_posting_notice(wizard.date)

    def action_pass(self):
        """ Pass it on, and show what the owner owes now. """
        self.ensure_one()
        passed = self.charge_ids._pass_arrears(
            self.partner_id, self.ground, self.date, self.date_due, self.tells)
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_charge_action')
        action['display_name'] = self.env._("Passed to the owner")
        return {**action, 'domain': [('id', 'in', passed.ids)], 'context': {}}
