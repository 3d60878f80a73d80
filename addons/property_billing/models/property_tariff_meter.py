from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.charging import ALL
from ..tools.components import Line, add_components
from ..tools.tiers import MONTH, YEAR, Account


class PropertyTariff(models.Model):
    """ Prices of what a meter counts: by tiers (阶梯) and by hours (峰谷) of use. """
    _inherit = 'property.tariff'

    account_period = fields.Selection(
        [(YEAR, "By year"), (MONTH, "By month")], string="Tiers count", required=True, default=YEAR,
        tracking=True, help="Over which time use is added up against the limits of the tiers.",
    )
    account_start = fields.Char(
        string="Year of the tiers from", size=5, required=True, default='01-01', tracking=True,
        help="Month and day, such as 07-01.",
    )
    splits_account = fields.Boolean(
        string="Divide use over its end", tracking=True,
        help="What was used between two readings, of which the year or month of the tiers ends, "
             "is divided by days. Otherwise all of it belongs to that of the second reading.",
    )

    @api.onchange('account_start')
    def _onchange_account_start(self):
        self._read_day('account_start')

    @api.constrains('account_start')
    def _check_account(self):
        for tariff in self:
            try:
                tariff._get_account()
            except ValueError as error:
                raise ValidationError(self.env._(
                    "%(tariff)s: write the first day of the tiers' year as month and day, such as "
                    "07-01; it is a day of every year.",
                    tariff=tariff.display_name)) from error

    @api.constrains('basis', 'season_start')
    def _check_metered(self):
        """ A meter knows no seasons, and a percentage none of what is used. """
        for tariff in self:
            if tariff.basis == 'metered' and tariff.season_start:
                raise ValidationError(self.env._(
                    "%(tariff)s is charged from reading to reading and has no season.",
                    tariff=tariff.display_name))
        self.version_ids._check_metered()
        self.fee_id._check_percentages()

    def _get_account(self):
        """ :raises ValueError: it begins on no day of the year """
        self.ensure_one()
        month, _dash, day = self.account_start.partition('-')
        return Account(self.account_period, (int(month), int(day)), self.splits_account)

    def _check_meter(self, meter):
        """ A price for hours that a meter does not tell apart would stop every bill run.

        :raises ValidationError: this does not price what the meter counts
        """
        self.ensure_one()
        registers = set(self.version_ids.component_ids.mapped('register')) - {False}
        if self.basis != 'metered' or registers - set(meter.type_id._get_registers()):
            raise ValidationError(self.env._(
                "%(tariff)s does not price what %(meter)s counts. Choose a tariff by meter, "
                "with the rate periods of the meter.",
                tariff=self.display_name, meter=meter.display_name))

    def _get_metered_rates(self):
        """ The prices of what a meter counts, of which nothing depends on a unit. """
        self.ensure_one()
        components = self.version_ids.component_ids.grouped('version_id')
        rates = []
        for rate in self._get_rates():
            version = self.version_ids.browse(rate.version_id)
            rates += add_components(rate, [
                [Line(component._get_component(ALL))]
                for component in components.get(version, ())])
        return rates

    def _get_allowance_versions(self, day):
        """ Of each the price that raises limits by person on a day, else the next that does. """
        found = self.env['property.tariff.version']
        for tariff in self:
            found += tariff.version_ids.filtered(
                lambda version: version.state == 'approved' and version.per_person
                and (not version.date_end or version.date_end >= day)).sorted('date_start')[:1]
        return found
