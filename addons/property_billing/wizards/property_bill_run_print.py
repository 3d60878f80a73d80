from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# One file holds these many bills: on A4 about ten a second are printed, in the web request.
BILL_LIMIT = 500


class PropertyBillRunPrint(models.TransientModel):
    """ Prints the bills of a run in one file, in the order in which they are taken round. """
    _name = 'property.bill.run.print'
    _description = 'Print a bill run'

    run_id = fields.Many2one('property.bill.run', required=True, ondelete='cascade')
    project_id = fields.Many2one(related='run_id.project_id')
    paper = fields.Selection(
        [('a4', "A4"), ('241', "241 × 140 mm, dot matrix")], required=True, default='a4',
    )
    building_ids = fields.Many2many(
        'property.building', string="Buildings", domain="[('project_id', '=', project_id)]",
        help="Empty: all buildings of the run.",
    )
    with_list = fields.Boolean(
        string="Delivery lists", default=True,
        help="Before the bills of a building a list of them by floor, to be signed on receipt.",
    )
    bill_count = fields.Integer(string="Bill count", compute='_compute_bill_count')

    @api.depends('run_id', 'building_ids')
    def _compute_bill_count(self):
        for wizard in self:
            wizard.bill_count = len(wizard._get_bills_sudo())

    @api.constrains('run_id')
    def _check_run_id(self):
        """ Related fields are read in sudo mode: they would tell of a run that one may not see. """
        self.run_id.sudo(False).check_access('read')  # constraints run in sudo mode, too

    def action_print(self):
        self.ensure_one()
        if not self.bill_count:
            raise UserError(self.env._("%(run)s has no posted bills here.", run=self.run_id.name))
        if self.bill_count > BILL_LIMIT:
            raise UserError(self.env._(
                "%(count)s bills are too many for one file, the limit is %(limit)s. Choose "
                "buildings and print one after the other.",
                count=self.bill_count, limit=BILL_LIMIT))
        action = 'a4' if self.paper == 'a4' else '241'
        report = self.env.ref(f'property_billing.report_bill_run_{action}_action')
        return {**report.report_action(self, config=False), 'close_on_report_download': True}

    def _get_bills_sudo(self):
        """ The posted bills of the run that the user may change, in sudo mode: clerks print the
        bills of their runs without an accounting group.
        """
        self.run_id.check_access('read')
        Move = self.env['account.move']
        domain = self.run_id._get_bills_domain() & Move._get_write_scope_domain()
        if self.building_ids:
            domain &= Domain(
                'line_ids.property_charge_id.building_id', 'in', self.building_ids.ids)
        return Move.sudo().search(domain)

    def _get_sections(self):
        """ The bills by building and floor, as they are taken round: of several units at the first.

        :return: `[(building, [(floor, bills)])]`
        """
        bills = self._get_bills_sudo()
        Unit = self.env['property.unit'].sudo().with_context(active_test=False)  # as the bills
        units = Unit.search([('id', 'in', bills.line_ids.property_charge_id.unit_id.ids)])
        places = {unit: place for place, unit in enumerate(units)}
        first_units = {
            bill: min(bill.line_ids.property_charge_id.unit_id, key=places.get) for bill in bills}
        bills = bills.sorted(lambda bill: (places[first_units[bill]], bill.id))
        return [
            (building, list(of_building.grouped(lambda bill: first_units[bill].floor).items()))
            for building, of_building in bills.grouped(
                lambda bill: first_units[bill].building_id).items()
        ]
