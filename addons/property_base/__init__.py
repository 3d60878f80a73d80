from . import controllers, models, report, wizards


def pre_init_hook(env):
    # Exclusion constraints on (unit, date range) need an equality operator in a GiST index.
    env.cr.execute('CREATE EXTENSION IF NOT EXISTS btree_gist')


def post_init_hook(env):
    set_sign_in_defaults(env)


def set_sign_in_defaults(env):
    """ The trade's rule: eight characters, letters and digits. `password_security` asks for more
    kinds, and for a new password every 60 days; a company can set that. Strangers register with a
    phone that answers, not on Odoo's page, which asks for none.
    """
    for key, value in {
        'auth_signup.invitation_scope': 'b2b',
        'auth_password_policy.minlength': 8,
        'password_security.lower': 1,
        'password_security.upper': 0,
        'password_security.numeric': 1,
        'password_security.special': 0,
        'password_security.history': 5,
        'password_security.expiration_days': 0,
        'password_security.minimum_hours': 0,
    }.items():
        env['ir.config_parameter'].set_param(key, value)
