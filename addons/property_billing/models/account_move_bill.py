from odoo import api, fields, models

from ..tools.chinese_amount import chinese_amount

# Figures of a bill's lines, printed where a line has them.
BILL_COLUMNS = ('previous', 'present', 'use', 'price', 'reduction')


class AccountMove(models.Model):
    """ How a bill is shown: printed, and to its payer on the portal. """
    _inherit = 'account.move'

    property_arrears = fields.Monetary(
        string="Earlier arrears", compute='_compute_property_arrears',
        help="What the payer still owes in this project of what was due before this bill's date.",
    )

    property_payment_state = fields.Selection(
        [('not_paid', "Unpaid"), ('partial', "Partly paid"), ('paid', "Paid"),
         ('reversed', "Reversed")],
        string="State of payment", compute='_compute_property_payment_state',
    )

    property_is_disputed = fields.Boolean(
        string="Flagged as wrong", compute='_compute_property_is_disputed', compute_sudo=True,
    )

    property_invitation_id = fields.Many2one(
        'property.invitation', string="Invitation", compute='_compute_property_invitation_id',
        compute_sudo=True, help="The code by which a payer without a login links his home.",
    )

    @api.depends('payment_state', 'line_ids.property_charge_id.state')
    def _compute_property_payment_state(self):
        """ In the words of charges; whether the bank has it is the accountant's matter.

        Taken back as a whole a bill is reversed, even if it was paid: the money is the payer's.
        What was only credited is not paid.
        """
        words = {'in_payment': 'paid', 'blocked': 'not_paid', 'invoicing_legacy': False}
        for move in self:
            # sudo: who reads the bill may know what became of it.
            charges_sudo = move.sudo().line_ids.property_charge_id
            state = words.get(move.payment_state, move.payment_state)
            if move.move_type == 'out_invoice' and charges_sudo:
                if set(charges_sudo.mapped('state')) == {'reversed'}:
                    state = 'reversed'
                elif state == 'partial' and not charges_sudo._get_paid():
                    state = 'not_paid'
            move.property_payment_state = state

    @api.depends('line_ids.property_charge_id.is_disputed')
    def _compute_property_is_disputed(self):
        for move in self:
            move.property_is_disputed = any(
                move.line_ids.property_charge_id.mapped('is_disputed'))

    def _is_property_bill(self):
        """ Whether this is a bill of charges or its reversal, not some other invoice. """
        return bool(self.property_project_id) and self.is_sale_document(include_receipts=True)

    def _get_passing_text(self):
        """ Whose arrears this bill asks for and on what ground, or False. """
        self.ensure_one()
        # sudo: the payer is told about them in the notice, too.
        former = self.sudo().line_ids.property_charge_id.passed_from_id.partner_id
        return bool(former) and self.env._(
            "Arrears of %(names)s: %(ground)s", names=', '.join(former.mapped('name')),
            ground=self.ref)

    def _get_name_invoice_report(self):
        """ Override of `account`: wherever Odoo prints an invoice, a bill is printed as ours. """
        if self._is_property_bill():
            return 'property_billing.report_bill_document'
        return super()._get_name_invoice_report()

    def _get_report_base_filename(self):
        """ Override of `account`: never an invoice by name. """
        if self._is_property_bill():
            return self.env._("Bill %(number)s", number=self.name or '')
        return super()._get_report_base_filename()

    def _get_invoice_proforma_pdf_report_filename(self):
        """ Override of `account`: what a payer downloads is his bill, not a draft. """
        if self._is_property_bill():
            return self._get_invoice_report_filename()
        return super()._get_invoice_proforma_pdf_report_filename()

    @api.depends('partner_id', 'property_project_id', 'invoice_date')
    def _compute_property_arrears(self):
        """ One query, whatever the number of bills in a print. """
        self.property_arrears = 0
        bills = self.filtered(lambda move: (
            move._is_property_bill() and move.move_type != 'out_refund' and move.invoice_date))
        # The figure belongs to the bill, which the user may read.
        lines_by_payer = self.env['account.move.line'].sudo().search([
            ('property_charge_id', '!=', False),
            ('display_type', '=', 'payment_term'),
            ('parent_state', '=', 'posted'),
            ('amount_residual', '>', 0),
            ('move_id.property_published_at', '!=', False),
            ('move_id.partner_id', 'in', bills.partner_id.ids),
            ('property_project_id', 'in', bills.property_project_id.ids),
        ]).grouped(lambda line: (line.move_id.partner_id.id, line.property_project_id.id))
        for bill in bills:
            bill.property_arrears = sum(
                line.amount_residual
                for line in lines_by_payer.get(
                    (bill.partner_id.id, bill.property_project_id.id), ())
                if line.move_id != bill and line.date_maturity < bill.invoice_date
            )

    @api.depends('partner_id')
    def _compute_property_invitation_id(self):
        invitations = self.env['property.invitation'].search([
            ('kind', '=', 'home'), ('partner_id', 'in', self.partner_id.ids),
            ('unit_id', 'in', self.line_ids.property_charge_id.unit_id.ids),
        ], order='id').filtered('is_open').grouped('partner_id')
        for move in self:
            of_payer = invitations.get(move.partner_id, self.env['property.invitation'])
            move.property_invitation_id = of_payer.filtered_domain(
                [('unit_id', 'in', move.line_ids.property_charge_id.unit_id.ids)])[-1:]

    def _issue_property_invitations(self):
        """ Payers of these bills who live there and have no login get a code. """
        # sudo: codes are written and read by nobody; each stands on the bill of him whom it is for.
        self.env['property.invitation'].sudo()._issue_printed(
            self.line_ids.property_charge_id.unit_id, self.partner_id)

    def _get_bill_lines(self):
        """ The lines of a printed bill with the figures of their charges, and the columns that
        they need: of a credit note none, since it takes back a part or all of what was charged.

        :return: pairs of line and figures, see `property.charge._get_bill_figures`; column names
        :rtype: tuple[list[tuple], list[str]]
        """
        self.ensure_one()
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == 'product')
        if self.move_type == 'out_refund':
            return [(line, {}) for line in lines], []
        # The payer may have left the unit; what is on his own bill stays his to read.
        pairs = [
            (line, charge._get_bill_figures() if (charge := line.property_charge_id.sudo()) else {})
            for line in lines
        ]
        used = {column for _line, figures in pairs for column, text in figures.items() if text}
        return pairs, [column for column in BILL_COLUMNS if column in used]

    @api.model
    def _group_late_fees(self, bill_lines):
        """ The same lines on paper, where the late fees of a unit are one of them.

        How each is counted is told on A4 in a sentence, and in full on the portal.

        :param list bill_lines: as `_get_bill_lines` gives them, each of one line
        :return: the same pairs, with several lines in one
        """
        rows = {}
        for line, figures in bill_lines:
            charge = line.property_charge_id.sudo()  # as in `_get_bill_lines`
            key = (charge.fee_id, charge.unit_id) if charge.kind == 'late_fee' else line
            former, _figures = rows.get(key, (line.browse(), None))
            rows[key] = (former + line, figures)
        return list(rows.values())

    def _get_amount_in_capitals(self, amount):
        """ The amount in Chinese capitals, which only a document in Chinese has. """
        return chinese_amount(amount) if (self.env.lang or '').startswith('zh') else ''
