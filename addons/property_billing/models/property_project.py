from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class PropertyProject(models.Model):
    _inherit = 'property.project'

    charging_regime = fields.Selection(
        [('lump_sum', "Lump sum"), ('commission', "Commission")],
        string="Charging regime", required=True, default='lump_sum', tracking=True,
        help="Lump sum: public service fees are the company's income. Commission: they are held in "
             "trust for the owners, who pay the company a commission out of them.",
    )

    approves_runs = fields.Boolean(
        string="Bill runs need approval",
        help="A bill run is submitted with its preview, and posted once somebody else approves it.",
    )
    auto_transfer_leases = fields.Boolean(
        string="Transfer leases with their review",
        help="The charges of a lease are receivables as soon as it is reviewed; otherwise somebody "
             "transfers them (自动转应收).",
    )

    @api.constrains('charging_regime')
    def _check_charging_regime(self):
        live = self.env['property.fee.assignment']._get_live_domain()
        for project in self:
            wrong = self.env['property.fee.assignment'].search([
                ('project_id', '=', project.id), ('fee_id.category', '=', 'public'),
                ('fee_id.nature', '=', project._get_unfit_nature()), *live])
            if wrong:
                raise ValidationError(self.env._(
                    "%(project)s: units pay %(fees)s, which %(regime)s does not allow. End those "
                    "fees first, with “Assign a tariff” for example, and assign fees of the other "
                    "posting nature.",
                    project=project.name, fees=', '.join(wrong.fee_id.mapped('name')),
                    regime=project._get_regime_name()))

    def _get_unfit_nature(self):
        """ Whose money a public service fee cannot be here (decision 24). """
        self.ensure_one()
        return 'income' if self.charging_regime == 'commission' else 'trust'

    def _get_regime_name(self):
        return dict(self._fields['charging_regime']._description_selection(self.env))[
            self.charging_regime]

    def _open_bill_run(self, name, **defaults):
        """ The form of a new bill run of some of the project. """
        if len(self) > 1:
            raise UserError(self.env._(
                "These are of %(projects)s. A bill run is of one project: make one of each.",
                projects=self.mapped('name')))
        return {
            'name': name,
            'type': 'ir.actions.act_window',
            'res_model': 'property.bill.run',
            'views': [(False, 'form')],
            'context': {'default_project_id': self.id, **defaults},
        }
