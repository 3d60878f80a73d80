from odoo import api, fields, models

from ..tools.periods import ONE_DAY
from ..tools.planning import Payer


class PropertyUnit(models.Model):
    _name = 'property.unit'
    _inherit = ['property.unit', 'property.debtor.mixin']

    fee_assignment_ids = fields.One2many(
        'property.fee.assignment', 'unit_id', string="Fee assignments",
        domain=lambda self: self.env['property.fee.assignment']._get_agreed_domain(),
        groups='property_billing.group_billing_user',
    )
    property_charge_ids = fields.One2many(
        'property.charge', 'unit_id', string="Charges",
        groups='property_billing.group_billing_user',
    )
    common_share = fields.Float(
        string="Share of the common parts", digits=(16, 6),
        help="How much of a cost that is divided by shares this unit bears, in proportion to the "
             "others: as its title says, in percent or in thousandths.",
    )
    property_currency_id = fields.Many2one(related='company_id.currency_id')

    _common_share_not_negative = models.Constraint(
        'CHECK (common_share >= 0)', "A share of the common parts cannot be negative.",
    )

    def action_view_arrears(self):
        action = self.env['ir.actions.actions']._for_xml_id(
            'property_billing.property_charge_action_unit')
        return {
            **action,
            'display_name': self.env._("Arrears of %(unit)s", unit=self.complete_name),
            'context': {'active_id': self.id, 'search_default_overdue': 1},
        }

    def action_property_bill_run(self):
        """ A bill run of just these units, to be looked at before it is posted. """
        return self.project_id._open_bill_run(
            self.env._("Bill run of %(count)s units", count=len(self)),
            default_unit_ids=self.ids)

    def _get_arrears(self):
        arrears = super()._get_arrears()
        Charge = self.env['property.charge']
        if Charge.has_access('read'):
            for unit, amount in Charge._read_overdue_amounts('unit_id', self).items():
                arrears[unit.id] = arrears.get(unit.id, 0) + amount
        return arrears

    @api.model
    def _get_board_actions(self, building):
        actions = super()._get_board_actions(building)
        if self.env['property.charge'].has_access('read'):
            actions.append({
                'method': 'action_view_arrears', 'label': self.env._("View arrears"),
                'key': 'a', 'icon': 'fa-exclamation-circle', 'needs': 'arrears',
            })
        return actions

    def _get_payers(self):
        """ Who pays the fees of each unit and when: `{unit: {payer role: [Payer]}}`.

        Until the hand-over date the project's developer pays; then the owner, or for a fee of the
        occupant the tenant while one is in. Only occupancies that pay the bills count; of several
        on a day the largest share pays, then the one entered first. A day on which one ends and
        another of the same role begins belongs to the new one (decisions 4, 15 and 16).
        """
        # The archive, too: what was forgotten may be billed when its payer has long left.
        Occupancy = self.env['property.occupancy'].with_context(active_test=False)
        occupancies = Occupancy.search_fetch(
            [('unit_id', 'in', self.ids), ('role', 'in', ('owner', 'tenant')),
             ('is_payer', '=', True), ('state', '=', 'approved')],
            ['unit_id', 'partner_id', 'role', 'date_start', 'date_end', 'share'], order='id',
        ).grouped('unit_id')
        result = {}
        for unit in self:
            owners, tenants = [], []
            of_unit = occupancies.get(unit, ())
            starts = {(o.role, o.date_start) for o in of_unit}
            for occupancy in of_unit:
                is_owner = occupancy.role == 'owner'
                end = occupancy.date_end or None
                if end and (occupancy.role, end) not in starts:
                    end += ONE_DAY
                (owners if is_owner else tenants).append(Payer(
                    partner_id=occupancy.partner_id.id,
                    rank=(2 if is_owner else 1, -occupancy.share, occupancy.id),
                    start=occupancy.date_start, end=end,
                ))
            if unit.date_handover:
                developer = Payer(
                    partner_id=unit.project_id.developer_id.id or None, rank=(0,),
                    end=unit.date_handover)
                owners.append(developer)
            result[unit] = {'owner': owners, 'occupant': owners + tenants}
        return result
