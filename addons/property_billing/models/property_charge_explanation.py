from decimal import Decimal

from odoo import models

from ..tools.charging import part_price
from ..tools.explanation import recompute, unshared

# The shapes of an explanation, in the order in which they are looked for: see `tools.explanation`.
SHAPES = (
    'history', 'once', 'correction', 'late', 'parts', 'meter', 'shared', 'sale', 'true_up')


# A price that was raised by percent ten times has twenty decimals: nobody reads them all.
SHOWN_DECIMALS = 8


def plain(number):
    """ A number as people write it: 1.30 → 1.3, 100.0 → 100, and 1.123456789 → 1.12345678…. """
    whole, _point, decimals = format(Decimal(number), 'f').partition('.')
    decimals = decimals.rstrip('0')
    cut = '…' if len(decimals) > SHOWN_DECIMALS else ''
    return f'{whole}.{decimals[:SHOWN_DECIMALS]}{cut}' if decimals else whole


class PropertyCharge(models.Model):
    """ Why a charge costs what it costs, in plain words: on screen, in print, in the portal. """
    _inherit = 'property.charge'

    def _render_explanation(self):
        """ Why this amount, as a list of plain sentences in the user's language. """
        self.ensure_one()
        return self._render_shape(self.explanation or {})

    def _render_shape(self, explanation):
        for shape in SHAPES:
            if shape in explanation:
                return getattr(self, f'_render_{shape}')(explanation)
        return []

    def _render_history(self, explanation):
        history = explanation['history']
        paid = self.env._(
            "Charged and paid before this system: %(amount)s on %(day)s.",
            amount=plain(history['paid']), day=history['day'] or '—')
        return [paid, *filter(None, (history['cashier'], history['note']))]

    def _render_once(self, explanation):
        once = explanation['once']
        line = f"{plain(once['quantity'])} × {plain(once['price'])}"
        return self._render_total([once['note'], line], explanation, with_sum=True)

    def _render_correction(self, explanation):
        """ What the period costs now, and what of it was charged before. """
        correction = explanation['correction']
        now = sum(map(recompute, correction['now']))
        lines = [line for part in correction['now'] for line in self._render_shape(part)]
        return [*lines, self.env._(
            "%(now)s instead of %(before)s charged so far: %(amount)s", now=plain(now),
            before=plain(correction['before']), amount=plain(explanation['amount']))]

    def _render_parts(self, explanation):
        parts = [self._render_part(explanation, part) for part in explanation['parts']]
        if len(parts) == 1:
            part = explanation['parts'][0]
            is_whole = part['months'] == '1' and 'relief' not in part
            lines = self._render_total(parts, explanation, with_sum=not is_whole)
        else:
            lines = self._render_total([
                *(self.env._("%(start)s ~ %(end)s: %(sum)s", start=part['start'], end=part['end'],
                             sum=text)
                  for part, text in zip(explanation['parts'], parts, strict=True)),
                self.env._("Together %(total)s", total=plain(explanation['unrounded'])),
            ], explanation)
        return self._render_share(lines, explanation)

    def _render_share(self, lines, explanation):
        """ Add what of it is for one payer of several. """
        if share := explanation.get('share'):
            lines.append(self.env._(
                "Of this %(days)s of %(total)s days: %(amount)s",
                days=share['days'][share['index']], total=sum(share['days']),
                amount=plain(recompute(explanation))))
        return lines

    def _render_total(self, lines, explanation, with_sum=False):
        """ Add to the last line what it comes to, and what that is rounded to. """
        total, amount = plain(explanation['unrounded']), plain(unshared(explanation))
        if with_sum:
            lines[-1] += f' = {total}'
        if total != amount:
            lines[-1] += f' → {amount}'
        return lines

    def _render_part(self, explanation, part):
        """ One part of a period, e.g. 94.56 m² × 1.3 + 20 = 142.928 a month × 6 months. """
        months, is_season = part['months'], 'season' in explanation
        amount = self._render_price(explanation, part)
        text = (
            self.env._("%(amount)s a season", amount=amount) if is_season
            else self.env._("%(amount)s a month", amount=amount))
        if relief := part.get('relief'):
            text = self.env._(
                "%(price)s × %(percent)s %% (%(ground)s)", price=text,
                percent=plain(Decimal(relief['payable']) * 100), ground=relief['ground'])
        if months == '1':
            return text
        if is_season:
            return self.env._("%(price)s × %(part)s of the season", price=text, part=months)
        if '/' in months:
            return self.env._("%(monthly)s × %(part)s of a month", monthly=text, part=months)
        return self.env._("%(monthly)s × %(months)s months", monthly=text, months=months)

    def _render_price(self, explanation, part):
        """ What a whole month or season costs, and how it comes to that. """
        full = {key: value for key, value in part.items() if key != 'relief'}
        free = {key: value for key, value in full.items() if key not in ('min', 'max')}
        lines = [{
            'basis': explanation['basis'], 'price': part['price'], 'note': part.get('note'),
            'quantity': part.get('quantity', explanation['quantity']),
        }] if Decimal(part['price']) else []
        formula = ' + '.join([
            *(self._render_line(**line) for line in (*lines, *part.get('components', ()))),
            *([plain(part['surcharge'])] if Decimal(part['surcharge']) else []),
        ])
        price, unlimited = part_price(explanation, full), part_price(explanation, free)
        if formula != plain(unlimited):
            formula += f' = {plain(unlimited)}'
        if price > unlimited:
            return self.env._(
                "%(formula)s, at least %(limit)s", formula=formula, limit=plain(price))
        if price < unlimited:
            return self.env._(
                "%(formula)s, at most %(limit)s", formula=formula, limit=plain(price))
        return formula

    def _render_line(self, basis, price, quantity, note):
        """ One product of a price and a quantity. """
        quantity, price = plain(quantity), plain(price)
        return {
            'area': self.env._("%(quantity)s m² × %(price)s", quantity=quantity, price=price),
            'usable_area': self.env._(
                "%(quantity)s m² usable × %(price)s", quantity=quantity, price=price),
            'fixed': price,
            'unit': self.env._("%(quantity)s pieces × %(price)s", quantity=quantity, price=price),
            'household': self.env._(
                "%(quantity)s households × %(price)s", quantity=quantity, price=price),
            'percent': note,
        }[basis]

    # === THE SAME AS A TABLE === #

    def _get_explanation_facts(self):
        """ What the explanation is computed from, as label and value, in the user's language. """
        self.ensure_one()
        explanation = self.explanation
        if not explanation or 'parts' not in explanation:
            return []
        parts = explanation['parts']
        quantity_labels = {
            'area': self.env._("Building area (m²)"),
            'usable_area': self.env._("Usable area (m²)"),
            'unit': self.env._("Pieces"),
            'household': self.env._("Households"),
        }
        facts = []
        if label := quantity_labels.get(explanation['basis']):
            kinds = dict(self.env['property.unit.area']._fields[
                'kind']._description_selection(self.env))
            quantities = dict.fromkeys(
                ' '.join(filter(None, (
                    part.get('quantity', explanation['quantity']),
                    kinds.get(part.get('kind', explanation.get('kind'))))))
                for part in parts)
            facts.append((label, ' → '.join(quantities)))
        if season := explanation.get('season'):
            facts.append((self.env._("Season"), season.replace('~', ' ~ ')))
        versions = self.env['property.tariff.version'].browse(
            part['version'] for part in parts if part['version']).exists()
        facts += [
            (self.env._("Price since %(date)s", date=version.date_start),
             version._get_price_text())
            for version in versions
        ]
        limit_labels = {'min': self.env._("At least"), 'max': self.env._("At most")}
        for key, label in limit_labels.items():
            if limits := dict.fromkeys(part[key] for part in parts if key in part):
                facts.append((label, ' → '.join(map(plain, limits))))
        return [*facts, (self.env._("Rounded to"), explanation['rounding'])]
