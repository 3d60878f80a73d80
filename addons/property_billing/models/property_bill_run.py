from odoo import fields, models


class PropertyBillRun(models.Model):
    """ Bills of one company for a period: preview, check, post, publish, undo. """
    _name = 'property.bill.run'
    _description = 'Bill run'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date_end desc, id desc'
    _check_company_auto = True

    name = fields.Char(required=True, copy=False)
    company_id = fields.Many2one(
        'res.company', required=True, index=True, default=lambda self: self.env.company,
    )
    project_id = fields.Many2one(
        'property.project', required=True, index=True, check_company=True,
    )
    building_ids = fields.Many2many('property.building', domain="[('project_id', '=', project_id)]")
    unit_ids = fields.Many2many('property.unit', domain="[('project_id', '=', project_id)]")
    fee_ids = fields.Many2many('property.fee', check_company=True)
    date_start = fields.Date(string="From", help="Empty: everything missed so far is caught up.")
    date_end = fields.Date(string="Up to", required=True)
    date_invoice = fields.Date(
        string="Bill date", required=True, default=fields.Date.context_today,
    )
    state = fields.Selection(
        [('draft', "New"), ('preview', "Preview"), ('posting', "Posting"), ('paused', "Paused"),
         ('posted', "Posted"), ('published', "Published"), ('undone', "Undone")],
        required=True, default='draft', index=True, copy=False, tracking=True,
    )
    charge_ids = fields.One2many('property.charge', 'run_id', string="Charges")
