from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# Per internet address, and for all together: enough for people, too little for a machine.
LIMIT_PER_ADDRESS = 3
LIMIT_PER_DAY = 100
REQUIRED = ('name', 'contact_name', 'phone')
ASKED = (*REQUIRED, 'email', 'city', 'company_registry', 'scale', 'note')
MAX_LENGTH = 2000


class PropertyApplication(models.Model):
    """ Another property company asks for the service, on a public page (物业入驻). """
    _name = 'property.application'
    _description = 'Application of a property company'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'id desc'

    name = fields.Char(string="Company name", required=True)
    contact_name = fields.Char(string="Contact person", required=True)
    phone = fields.Char(required=True)
    email = fields.Char()
    city = fields.Char()
    company_registry = fields.Char(string="Unified social credit code")
    scale = fields.Char(string="Projects and rooms", help="How many projects and rooms it manages.")
    note = fields.Text(string="What it is interested in")
    address = fields.Char(
        string="Internet address", readonly=True, index=True, copy=False,
        groups='base.group_system')
    user_id = fields.Many2one(
        'res.users', string="Taken care of by", tracking=True, domain=[('share', '=', False)])
    state = fields.Selection(
        [('new', "New"), ('contacted', "Contacted"), ('won', "Customer"), ('declined', "Declined")],
        required=True, readonly=True, default='new', index=True, tracking=True, copy=False,
    )
    active = fields.Boolean(default=True)

    # === ACTION METHODS === #

    def action_contacted(self):
        self._set_state(('new',), 'contacted')
        for application in self.filtered(lambda application: not application.user_id):
            application.user_id = self.env.user

    def action_won(self):
        self._set_state(('new', 'contacted'), 'won')

    def action_decline(self):
        self._set_state(('new', 'contacted'), 'declined')

    # === BUSINESS METHODS === #

    @api.model
    def _submit(self, form, address):
        """ What the public page sends.

        :param dict form: texts as they were typed
        :param str address: the internet address that it comes from
        :raises ValidationError: something is missing, or there were too many
        """
        vals = {name: (form.get(name) or '').strip()[:MAX_LENGTH] for name in ASKED}
        if not all(vals[name] for name in REQUIRED):
            raise ValidationError(self.env._(
                "Please tell us the company's name, whom to ask for, and a phone number."))
        if sum(character.isdigit() for character in vals['phone']) < 7:
            raise ValidationError(self.env._("Please check the phone number."))
        # sudo: visitors have no right on applications; they write one, and read none.
        Application = self.sudo().with_context(active_test=False)
        today = [('create_date', '>=', fields.Datetime.now() - timedelta(days=1))]
        if (
            Application.search_count([('address', '=', address), *today]) >= LIMIT_PER_ADDRESS
            or Application.search_count(today) >= LIMIT_PER_DAY
        ):
            raise ValidationError(self.env._(
                "We have received several applications from you and will call you. Please try "
                "again tomorrow, or call us."))
        return Application.create({**vals, 'address': address})

    def _set_state(self, allowed, state):
        self.check_access('write')
        if any(application.state not in allowed for application in self):
            raise UserError(self.env._("This application has been decided already."))
        self.state = state
