from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.apportion import Portion, explain_portion
from ..tools.charging import BY_DAYS
from ..tools.periods import NATURAL, ONE_DAY
from ..tools.planning import ARREARS, Subject, Terms
from ..tools.rounding import exact, round_half_up
from .property_share_key import WEIGHT_DIGITS

# What people may say of a part: who pays it. The rest follows from its cost.
PAYER_FIELDS = {'partner_date_end', 'partner_id', 'payer_role'}


class PropertyFeeAssignment(models.Model):
    """ A unit's part of a shared cost: charged once, for the days of the cost.

    How much it is was fixed when the cost was divided; who pays it is found when it is charged.
    """
    _inherit = 'property.fee.assignment'

    shared_cost_id = fields.Many2one(
        'property.shared.cost', string="Shared cost", index='btree_not_null', ondelete='restrict',
        check_company=True, readonly=True, copy=False,
    )
    # `currency_id` is computed, so that nothing could be added up in it.
    share_currency_id = fields.Many2one(
        related='shared_cost_id.currency_id', string="Currency of the part")
    share_amount = fields.Monetary(
        string="Part", currency_field='share_currency_id', readonly=True, copy=False)
    share_weight = fields.Float(
        string="Weight", digits=WEIGHT_DIGITS, readonly=True, copy=False, aggregator='sum')
    share_rest = fields.Integer(
        string="Of the remainder", readonly=True, copy=False, aggregator=None,
        help="1 if it got a cent of what dividing leaves over.",
    )

    _once_per_cost = models.UniqueIndex(
        '(shared_cost_id, unit_id) WHERE shared_cost_id IS NOT NULL AND active',
        "The unit has a part of this shared cost already.",
    )

    @api.depends('shared_cost_id.name')
    def _compute_display_name(self):
        """ Override: a part has no tariff to be named by. """
        parts = self.filtered('shared_cost_id')
        super(PropertyFeeAssignment, self - parts)._compute_display_name()
        for part in parts:
            part.display_name = ' · '.join(filter(None, (
                part.unit_id.complete_name, part.fee_id.name, part.shared_cost_id.name)))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        assignments = super().create(vals_list)
        if not self.env.su and assignments.shared_cost_id:
            raise AccessError(self.env._("Parts of a shared cost are made by dividing it."))
        return assignments

    def write(self, vals):
        if not self.env.su and vals.keys() - PAYER_FIELDS:
            self._check_no_part()
            if vals.get('shared_cost_id'):
                raise AccessError(self.env._("Parts of a shared cost are made by dividing it."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_part(self):
        if not self.env.su and not self._is_initialising():
            self._check_no_part()

    def _check_no_part(self):
        if part := self.filtered('shared_cost_id')[:1]:
            raise UserError(self.env._(
                "%(part)s follows from its shared cost. You can say who pays it; to change the "
                "rest, cancel the cost and divide it again.", part=part.display_name))

    # === BUSINESS METHODS === #

    def _get_shared_subject(self, payers, facts):
        """ What the charge of this part depends on.

        Reductions of the fee do not count: somebody else would have to pay them, and the parts
        add up to the cost.

        :param dict payers: who pays the unit, by payer role
        :param dict facts: what is told of the cost, see `property.shared.cost._get_facts`
        """
        self.ensure_one()
        cost = self.shared_cost_id
        unit = cost._get_unit()
        return Subject(
            terms=Terms(
                cycle_months=1, split=NATURAL, timing=ARREARS, charge_per_cycle=True,
                proration=BY_DAYS, basis='shared', rounding=unit, rates=[],
                due_value=cost.due_days),
            quantities=[],
            start=self.date_start,
            end=self.date_end + ONE_DAY,
            payers=self._get_own_payers() + payers[self.payer_role or self.fee_id.payer_role],
            explained=explain_portion(
                Portion(
                    round_half_up(exact(self.share_amount), unit), exact(self.share_weight),
                    self.share_rest),
                round_half_up(exact(cost.amount), unit), exact(cost.weight_total), unit,
                **facts),
        )

    @api.model
    def _get_unbilled_domain(self, project):
        """ All but the parts that are charged in full, of which there are more every month, and
        those that wait for a true-up.
        """
        self.flush_model()
        self.env['property.shared.cost'].flush_model(['settle'])
        self.env['property.charge'].flush_model()
        return Domain('shared_cost_id', '=', False) | Domain('id', 'in', SQL(
            """( SELECT part.id
                   FROM property_fee_assignment part
                   JOIN property_shared_cost cost ON cost.id = part.shared_cost_id
                  WHERE cost.settle = 'charge' AND part.project_id = %s
                    AND part.date_end - part.date_start + 1 > COALESCE((
                        SELECT SUM(charge.date_end - charge.date_start + 1)
                          FROM property_charge charge
                         WHERE charge.assignment_id = part.id AND charge.kind = 'recurring'
                           AND (charge.state = 'posted'
                                OR charge.state = 'reversed' AND charge.is_corrected)), 0) )""",
            project.id))
