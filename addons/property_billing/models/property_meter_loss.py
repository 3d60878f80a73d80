from odoo import api, fields, models

LOSS_ACTIVITY = 'property_billing.mail_activity_type_loss'
# How far back a main meter is looked at that was not looked at before.
MONTHS_BACK = 12


class PropertyMeter(models.Model):
    """ Main meters that lose more than they may (损耗). """
    _name = 'property.meter'
    _inherit = ['property.meter', 'mail.activity.mixin']

    loss_date = fields.Date(
        string="Loss looked at until", readonly=True, copy=False,
        help="The last month of which the loss was looked at, so that nobody is told twice.",
    )

    def action_view_loss(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_meter_loss_report_action')
        return {**action, 'domain': [('meter_id', '=', self.id)], 'context': {}}

    @api.model
    def _cron_warn_of_loss(self):
        """ Put before the managers of projects what main meters lost in months that are over, once
        all meters behind them are read.
        """
        this_month = fields.Date.start_of(fields.Date.context_today(self), 'month')
        rows = self.env['property.meter.loss.report'].search([
            ('date', '<', this_month), ('unread_count', '=', 0),
            ('date', '>=', fields.Date.subtract(this_month, months=MONTHS_BACK)),
        ], order='date')
        for meter, of_meter in rows.grouped('meter_id').items():
            since = meter.loss_date
            news = of_meter.filtered(lambda row, since=since: not since or row.date > since)
            if news and meter.project_id.user_id:  # else somebody is told once there is one
                meter.loss_date = news[-1].date
                meter._warn_of_loss(news.filtered('is_above'))

    def _warn_of_loss(self, rows):
        """ One activity, whatever months it is of. """
        self.ensure_one()
        user = self.project_id.user_id
        if not rows:
            return
        rows = rows.with_context(lang=user.lang)
        self.activity_schedule(LOSS_ACTIVITY, user_id=user.id, note=' '.join(
            rows.env._(
                "%(month)s: the meters behind it account for %(loss)s %(unit)s less, a loss of "
                "%(percent)s %%; %(allowed)s %% are allowed.",
                month=row.month, loss=f'{row.loss:g}', unit=row.unit_name or '',
                percent=f'{row.loss_percent:.2f}', allowed=f'{row.loss_allowed:g}')
            for row in rows))
