from odoo import api, fields, models
from odoo.tools import SQL


class PropertyApprovalTask(models.Model):
    """ What waits for somebody's decision, of whatever model: a user sees what waits for him. """
    _name = 'property.approval.task'
    _description = 'Decision to take'
    _auto = False
    _order = 'date, id'

    kind = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(string="Record", model_field='model', readonly=True)
    model = fields.Char(readonly=True)
    name = fields.Char(string="Matter to approve", compute='_compute_name')
    level_id = fields.Many2one('tier.definition', string="Level", readonly=True)
    applicant_id = fields.Many2one('res.users', string="Submitted by", readonly=True)
    date = fields.Datetime(string="Waits since", readonly=True)
    is_mine = fields.Boolean(compute='_compute_is_mine', search='_search_is_mine')

    @property
    def _table_query(self):
        tables = []
        names = self.env['tier.review']._get_approval_models()
        for index, name in enumerate(names):
            # sudo: which of them the user reads is what the record rule asks.
            Model = self.env[name].sudo()
            query = Model._search([(Model._state_field, 'in', Model._state_from)])
            query.add_join(
                'LEFT JOIN', 'review', 'tier_review', SQL(
                    "review.model = %s AND review.res_id = %s AND review.status = 'pending'",
                    name, SQL.identifier(query.table, 'id')))
            column = {
                field: SQL.identifier(query.table, field)
                for field in ('id', 'create_uid', 'create_date')}
            tables.append(query.select(
                SQL("%s * %s + %s AS id", column['id'], len(names), index),
                SQL("%s AS kind", Model._get_approval_kind()),
                SQL("%s AS model", name),
                SQL("%s AS res_id", column['id']),
                SQL("review.definition_id AS level_id"),
                SQL("COALESCE(review.requested_by, %s) AS applicant_id", column['create_uid']),
                SQL("COALESCE(review.create_date, %s) AS date", column['create_date']),
            ))
        return SQL(" UNION ALL ").join(tables)

    # === COMPUTE METHODS === #

    @api.depends('model', 'res_id')
    def _compute_name(self):
        for name, tasks in self.grouped('model').items():
            records = self.env[name].browse(tasks.mapped('res_id'))
            for task, record in zip(tasks, records, strict=True):
                task.name = record.display_name

    @api.depends('name')
    def _compute_display_name(self):
        for task in self:
            task.display_name = task.name

    @api.depends('model', 'res_id')
    @api.depends_context('uid')
    def _compute_is_mine(self):
        for name, tasks in self.grouped('model').items():
            waiting = set(self.env[name].sudo(False).browse(
                tasks.mapped('res_id'))._filter_waiting().ids)
            for task in tasks:
                task.is_mine = task.res_id in waiting

    def _search_is_mine(self, operator, value):
        if operator != 'in' or True not in value:
            return NotImplemented
        names = self.env['tier.review']._get_approval_models()
        return [('id', 'in', [
            record.id * len(names) + index
            for index, name in enumerate(names)
            for record in self.env[name].sudo(False)._search_waiting()])]

    # === ACTIONS === #

    def action_open(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': self.model, 'res_id': self.res_id,
            'views': [(False, 'form')],
        }

    # === BUSINESS METHODS === #

    @api.model
    def _get_tasks(self):
        """ What waits for the user, the oldest first: for his home page.

        :rtype: list[dict]
        """
        return [{
            'model': task.model, 'res_id': task.res_id, 'name': task.name,
            'kind': task.kind, 'level': task.level_id.name,
            'applicant': task.sudo().applicant_id.name, 'date': task.date,
        } for task in self.search([])]
