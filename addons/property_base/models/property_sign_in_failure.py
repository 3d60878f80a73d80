from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessDenied
from odoo.fields import Domain

LOCK_MINUTES = 30
MAX_FAILURES = 5
MAX_FAILURES_OF_ACCOUNT = 20
KEPT_DAYS = 30
CAPTCHA_AFTER = 3


class PropertySignInFailure(models.Model):
    """ A wrong password, and the lock that it may have set off.

    Counted per account and network address, so that a stranger who guesses locks himself out and
    not the person; guesses from many addresses lock the account. Names that nobody has are counted
    and locked alike: whether an account exists cannot be learnt from it.
    """
    _name = 'property.sign.in.failure'
    _description = 'Failed sign-in'
    _inherit = ['property.attempt.mixin']
    _order = 'id desc'
    _rec_name = 'login'

    login = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one('res.users', readonly=True, ondelete='cascade', index=True)
    source = fields.Char(string="Network address", required=True, readonly=True)
    create_date = fields.Datetime(string="Time", readonly=True)
    lock = fields.Selection(
        [('source', "Account from this address"), ('account', "Account")],
        string="Locked", readonly=True,
    )
    date_unlock = fields.Datetime(string="Locked until", readonly=True)
    is_locked = fields.Boolean(
        string="Locked now", compute='_compute_is_locked', search='_search_is_locked')

    _login_idx = models.Index('(login, source, id)')
    _source_idx = models.Index('(source, create_date)')

    # === COMPUTE METHODS === #

    @api.depends('date_unlock')
    def _compute_is_locked(self):
        now = fields.Datetime.now()
        for failure in self:
            failure.is_locked = bool(failure.date_unlock) and failure.date_unlock > now

    def _search_is_locked(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = Domain('date_unlock', '>', fields.Datetime.now())
        return domain if True in value else ~domain

    # === ACTION METHODS === #

    def action_unlock(self):
        """ End the locks at once; the count begins anew. """
        self.check_access('write')
        # sudo: nobody writes the fields themselves.
        self.filtered('is_locked').sudo().date_unlock = fields.Datetime.now()

    # === BUSINESS METHODS === #

    @contextmanager
    def _counted(self, login, user, source):
        """ Let the body try a password, unless too many were wrong; count it if it is. """
        denied = None
        with self._one_at_a_time(login) as alone:
            alone._check_unlocked(login, source)
            try:
                yield
            except AccessDenied as error:
                denied = error
                alone._count(login, user, source)
            else:
                # Five in a row lock; this ends the row.
                alone.search([
                    ('login', '=', login), ('source', '=', source), ('lock', '=', False),
                ]).unlink()
        if denied:
            raise denied

    @api.model
    def _check_unlocked(self, login, source):
        locks = self.search(
            Domain('login', '=', login) & Domain('is_locked', '=', True)
            & (Domain('lock', '=', 'account') | Domain('source', '=', source)))
        if locks:
            rest = max(locks.mapped('date_unlock')) - fields.Datetime.now()
            raise AccessDenied(self.env._(
                "Locked after too many wrong passwords. Try again in %(minutes)s minutes, set a "
                "new password by “Forgot your password?”, or ask the administrator to unlock it.",
                minutes=-(-rest // timedelta(minutes=1))))

    @api.model
    def _asks_captcha(self):
        """ Whether who signs in on the page has to read a picture, too: it slows down who tries one
        password on many accounts, which no lock of one account stops.
        """
        # sudo: nobody is signed in yet.
        self_sudo = self.sudo()
        mode = self_sudo.env['ir.config_parameter'].get_param('property_base.captcha', 'failures')
        recent = fields.Datetime.now() - timedelta(minutes=LOCK_MINUTES)
        return mode == 'always' or mode == 'failures' and self_sudo.search_count(
            [('source', '=', self._get_source()), ('create_date', '>', recent)],
            limit=CAPTCHA_AFTER) >= CAPTCHA_AFTER

    @api.model
    def _count(self, login, user, source):
        failure = self.create({'login': login, 'user_id': user.id, 'source': source})
        now = fields.Datetime.now()
        recent = Domain('create_date', '>', now - timedelta(minutes=LOCK_MINUTES))
        if self._count_since('account', login, recent) >= MAX_FAILURES_OF_ACCOUNT:
            failure.lock = 'account'
        elif self._count_since('source', login, Domain('source', '=', source)) >= MAX_FAILURES:
            failure.lock = 'source'
        if failure.lock:
            failure.date_unlock = now + timedelta(minutes=LOCK_MINUTES)

    @api.model
    def _count_since(self, lock, login, domain):
        """ How many failures fit the domain since they last set off such a lock. """
        domain &= Domain('login', '=', login)
        last = self.search(domain & Domain('lock', '=', lock), limit=1)
        return self.search_count(domain & Domain('id', '>', last.id or 0))

    @api.autovacuum
    def _gc_failures(self):
        self.search([
            ('create_date', '<', fields.Datetime.now() - timedelta(days=KEPT_DAYS)),
        ]).unlink()
