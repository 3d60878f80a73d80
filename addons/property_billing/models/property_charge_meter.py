from decimal import Decimal
from fractions import Fraction

from odoo import api, models

from ..tools.metered import USE, join_steps, unrounded
from ..tools.metering import ESTIMATE, TOTAL
from ..tools.rounding import exact_number, exact_text, round_half_up
from .property_charge_explanation import plain

SHOWN_USE = Decimal('0.001')  # use that days divide has more decimals than anybody reads


def show_use(text):
    """ What was used, as people write it. """
    return plain(round_half_up(exact_number(text), SHOWN_USE) if '/' in text else text)


class PropertyCharge(models.Model):
    """ Why what a meter counted costs what it costs (B31, B34). """
    _inherit = 'property.charge'

    def _render_meter(self, explanation):
        """ The readings, what was used in which tier at which price, and what that comes to. """
        meter = explanation['meter']
        lines = [self._render_use(meter, line) for line in explanation['lines']]
        if len(lines) > 1:
            amount = plain(explanation['unrounded'])
            lines.append(self.env._("Together %(total)s", total=amount))
        lines = self._render_total(lines or ['0'], explanation, with_sum=len(lines) == 1)
        return self._render_share([*self._render_measured(explanation), *lines], explanation)

    def _get_measured_text(self):
        """ What was read and used, which a table of the amounts does not say. """
        self.ensure_one()
        explanation = self.explanation or {}
        return self._render_measured(explanation) if 'meter' in explanation else []

    def _render_measured(self, explanation):
        """ From which reading to which, what others pay of it, and where the tiers stand. """
        meter = explanation['meter']
        sentences = [self._render_step(meter, step) for step in join_steps(explanation)]
        if less := meter.get('less'):
            use = sum(Fraction(exact_number(part['use'])) for part in less)
            sentences.append(self.env._(
                "Less %(count)s billed sub-meters: %(use)s %(unit)s",
                count=sum(part.get('count', 1) for part in less), use=show_use(exact_text(use)),
                unit=meter['unit']))
        for account in meter.get('accounts', ()):
            text = self.env._(
                "Used before since %(start)s: %(use)s %(unit)s; tiers above %(limits)s",
                start=account['start'], use=show_use(account['before']), unit=meter['unit'],
                limits=' / '.join(map(show_use, account['limits'])))
            sentences.append(self._render_allowance(text, account, meter['unit']))
        return sentences

    def _render_allowance(self, text, limits, unit):
        """ By how much the limits are higher, and for whom. """
        if 'allowance' not in limits:
            return text
        homes = [
            self.env._(
                "%(persons)s persons for %(months)s months", persons=home['persons'],
                months=home['months'])
            if 'months' in home else self.env._("%(persons)s persons", persons=home['persons'])
            for home in limits['homes']]
        return self.env._(
            "%(text)s, with the household allowance of %(allowance)s %(unit)s: %(homes)s, the "
            "standard being %(standard)s", text=text, allowance=show_use(limits['allowance']),
            unit=unit, homes=', '.join(homes), standard=limits['standard'])

    def _render_step(self, meter, step):
        """ From which reading to which: Meter 0101: 1090 → 1190, 2026-04-01 ~ 2026-06-30. """
        name = step.get('number', meter['number'])  # before an exchange, that of the old device
        if step['register'] != TOTAL:
            name += f" {self._get_register_names()[step['register']]}"
        text = self.env._(
            "Meter %(name)s: %(previous)s → %(present)s, %(start)s ~ %(end)s", name=name,
            previous=plain(step['previous']), present=plain(step['present']), start=step['start'],
            end=step['end'])
        if step.get('rollovers'):
            text = self.env._("%(reading)s, the dial went over zero", reading=text)
        if 'multiplier' in step:
            text = self.env._(
                "%(reading)s, times %(multiplier)s", reading=text,
                multiplier=plain(step['multiplier']))
        if step['kind'] == ESTIMATE:
            text = self.env._("%(reading)s, estimated", reading=text)
        return text

    def _render_use(self, meter, line):
        """ One line: 10 m³ × 7 (tier 2), or a fixed price and its part of a month. """
        price = plain(line['price'])
        if USE in line:
            text = self.env._(
                "%(use)s %(unit)s × %(price)s", use=show_use(line[USE]), unit=meter['unit'],
                price=price)
            if divided := line.get('by_days'):
                days = ', '.join(divided)
                text = self.env._(
                    "%(text)s, of it by %(days)s of the days between two readings", text=text,
                    days=days) if 'is_partly_whole' in line else self.env._(
                    "%(text)s, by %(days)s of the days between two readings", text=text, days=days)
            if 'tier' in line:
                text = self.env._("%(text)s (tier %(tier)s)", text=text, tier=line['tier'])
        elif line['months'] == '1':
            text = self.env._("%(amount)s a month", amount=price)
        else:
            text = self.env._(
                "%(amount)s a month × %(months)s", amount=price, months=line['months'])
        if note := line.get('note') or self._get_register_names().get(line.get('register')):
            text = f'{note} {text}'
        if relief := line.get('relief'):
            text = self.env._(
                "%(price)s × %(percent)s %% (%(ground)s)", price=text,
                percent=plain(Decimal(relief['payable']) * 100), ground=relief['ground'])
        return text

    @api.model
    def _get_register_names(self):
        """ What the hours of a register are called. """
        reading = self.env['property.meter.reading']
        return dict(reading._fields['register']._description_selection(self.env))

    def _get_unrounded_parts(self, explanation):
        if 'meter' not in explanation:
            return super()._get_unrounded_parts(explanation)
        return [
            (line, self._render_use(explanation['meter'], line),
             Fraction(unrounded({'lines': [line]})))
            for line in explanation['lines']]

    def _get_bill_figures(self):
        """ Override: readings, use and prices; of several registers one after the other. """
        figures = super()._get_bill_figures()
        explanation = self.explanation or {}
        if not (meter := explanation.get('meter')):
            return figures
        firsts, lasts = {}, {}
        for step in meter['steps']:
            firsts.setdefault(step['register'], step['previous'])
            lasts[step['register']] = step['present']
        figures |= {
            'previous': ' / '.join(map(plain, firsts.values())),
            'present': ' / '.join(map(plain, lasts.values())),
            'use': f"{show_use(meter['use'])} {meter['unit']}",
            'price': ' / '.join(dict.fromkeys(
                plain(line['price']) for line in explanation['lines'] if USE in line)),
        }
        if reduction := self._get_reduction():
            figures['reduction'] = f'{reduction:.2f}'
        return figures

    def _get_explanation_facts(self):
        facts = super()._get_explanation_facts()
        if meter := (self.explanation or {}).get('meter'):
            facts += [
                (self.env._("Meter"), meter['number']),
                (self.env._("Rounded to"), self.explanation['rounding'])]
        return facts
