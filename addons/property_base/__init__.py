from . import controllers, models, report, wizards


def pre_init_hook(env):
    # Exclusion constraints on (unit, date range) need an equality operator in a GiST index.
    env.cr.execute('CREATE EXTENSION IF NOT EXISTS btree_gist')
