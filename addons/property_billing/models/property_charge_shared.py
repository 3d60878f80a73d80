from odoo import fields, models

from .property_charge_explanation import plain
from .property_charge_meter import show_use


class PropertyCharge(models.Model):
    """ Why a unit bears what it bears of a shared cost (公摊). """
    _inherit = 'property.charge'

    def _get_origin_text(self):
        """ A part says of which shared cost it is: one month may have several of one fee. """
        # sudo: who reads the charge may know what it is of.
        return self.assignment_id.sudo().shared_cost_id.name or super()._get_origin_text()

    def _render_shared(self, explanation):
        """ The cost and the unit's part of it. """
        shared = explanation['shared']
        keys = dict(self.env['property.share.key']._fields['basis']._description_selection(
            self.env))
        lines = [
            self.env._(
                "%(cost)s %(start)s ~ %(end)s: %(total)s together", cost=shared['name'],
                start=shared['start'], end=shared['end'], total=plain(shared['total'])),
            *(self._render_meter(shared['measured']) if 'measured' in shared else ()),
            self.env._(
                "%(key)s %(weight)s of %(weights)s: %(amount)s", key=keys[shared['key']],
                weight=show_use(shared['weight']), weights=show_use(shared['weights']),
                amount=plain(explanation['unrounded'])),
        ]
        if shared['rest']:
            lines[-1] += self.env._(", the rest of dividing included")
        return self._render_share(lines, explanation)

    def _get_explanation_facts(self):
        """ Override: also what suppliers have billed of it. """
        facts = super()._get_explanation_facts()
        sources = (self.explanation or {}).get('shared', {}).get('sources', ())
        # sudo: who bears a part may know what it is of; a person who supplies is not named in full.
        lines_sudo = self.env['account.move.line'].sudo().browse(
            source['line'] for source in sources).exists()
        amounts = {source['line']: float(source['amount']) for source in sources}
        return facts + [
            (self.env._("Supplier's bill"), ' · '.join((
                bill._get_source_name(),
                fields.Date.to_string(bill.invoice_date or bill.date),
                self.currency_id.format(sum(amounts[line.id] for line in lines)))))
            for bill, lines in lines_sudo.grouped('move_id').items()]
