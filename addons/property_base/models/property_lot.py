from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

LOT_KINDS = [
    ('ground', "Ground"), ('underground', "Underground"), ('mechanical', "Mechanical"),
    ('civil_defence', "Civil defence"),
]


class PropertyBuilding(models.Model):
    """ What a building has as a parking lot (车场, D10). """
    _inherit = 'property.building'

    lot_kind = fields.Selection(LOT_KINDS, string="Kind of lot")
    capacity = fields.Integer(
        string="Capacity", help="How many vehicles the lot is approved for; its spaces are units.")
    date_inspection = fields.Date(string="Next annual inspection")
    inspection_reminder_days = fields.Integer(
        string="Remind days before", default=30,
        help="The front page reminds of the inspection from so many days before it, until it is "
             "done.")
    date_inspection_reminder = fields.Date(
        string="Remind from", compute='_compute_date_inspection_reminder', store=True)

    _lot_figures_positive = models.Constraint(
        'CHECK (capacity >= 0 AND inspection_reminder_days >= 0)',
        "Capacity and days of a parking lot cannot be negative.",
    )

    @api.depends('is_parking_lot', 'date_inspection', 'inspection_reminder_days')
    def _compute_date_inspection_reminder(self):
        for lot in self:
            lot.date_inspection_reminder = lot.is_parking_lot and lot.date_inspection and (
                lot.date_inspection - timedelta(days=lot.inspection_reminder_days))

    def action_inspected(self):
        """ This year's inspection is done: the next one is due a year after it was due. """
        for lot in self.filtered('date_inspection'):
            lot.date_inspection += relativedelta(years=1)
