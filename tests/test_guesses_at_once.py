"""Guesses of passwords and codes are counted whatever becomes of the request that made them."""

from concurrent.futures import ThreadPoolExecutor
from xmlrpc.client import ServerProxy

import pytest

NEW_USER = """
user = env['res.users'].with_context(no_reset_password=True).create({
    'name': 'Guess', 'login': 'guess', 'password': 'guess-me-8'})
env.cr.commit()
result = user.id
"""

SEND_CODE = """
Verification = env['property.verification']
type(Verification)._generate_code = lambda self: '123456'
Verification._send('reset', phone='13800138000')
env.cr.commit()
result = True
"""

GUESS_CODES = """
from concurrent.futures import ThreadPoolExecutor
from odoo import api, SUPERUSER_ID
from odoo.modules.registry import Registry

def guess(code):
    with Registry(env.cr.dbname).cursor() as cr:
        right = api.Environment(cr, SUPERUSER_ID, {})['property.verification']._check(
            'reset', '13800138000', code)
        cr.rollback()
        return right

with ThreadPoolExecutor(8) as threads:
    wrong = list(threads.map(guess, ['000000'] * 8))
result = {'wrong': any(wrong), 'right': guess('123456')}
env.cr.execute("SELECT tries FROM property_verification")
result['tries'] = env.cr.fetchone()[0]
"""

GIVE_UP_WAITING = """
from psycopg2.errors import LockNotAvailable
from odoo.modules.registry import Registry
from odoo.tools import mute_logger

env.cr.execute(f'ALTER DATABASE "{env.cr.dbname}" SET lock_timeout = 500')
env.cr.commit()
with Registry(env.cr.dbname).cursor() as other:
    other.execute("SELECT pg_advisory_lock(hashtextextended('property.guess:second', 0))")
    try:
        with mute_logger('odoo.sql_db'), env['property.guess']._one_at_a_time('first', 'second'):
            pass
    except LockNotAvailable:
        other.execute("SELECT count(*) FROM pg_locks JOIN pg_database ON database = pg_database.oid"
                      " WHERE datname = current_database() AND locktype = 'advisory' AND granted")
        result = other.fetchone()[0]
"""


@pytest.mark.parametrize("door", ["common", "object"])
def test_guesses_over_rpc_lock_and_a_restart_does_not_unlock(database, server, door):
    """[G05] Sixteen at once are five guesses; each request is rolled back."""
    uid = database.call(NEW_USER)

    def guess(password):
        rpc = ServerProxy(f"{server.url}/xmlrpc/2/{door}")
        name = database.database
        try:
            if door == "common":
                return rpc.authenticate(name, "guess", password, {})
            return rpc.execute_kw(name, uid, password, "res.users", "search_count", [[]])
        except Exception as error:
            return str(error)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(guess, [f"wrong {number}" for number in range(16)]))
    counted = "SELECT count(*), count(lock) FROM property_sign_in_failure WHERE login = 'guess'"
    assert database.server.query(counted, database=database.database) == [(5, 1)]
    for start in (lambda: None, lambda: (server.kill(), server.start())):
        start()
        answer = guess("guess-me-8")
        assert answer is False or "Access" in str(answer) or "Locked" in str(answer), answer


def test_tries_of_a_code_survive_a_rollback(database):
    """[G06] Eight at once are five tries, and then the right one comes too late."""
    assert database.call(SEND_CODE)
    assert database.call(GUESS_CODES) == {"wrong": False, "right": False, "tries": 5}


def test_who_gives_up_waiting_keeps_nobody_waiting(database):
    """[G05] The first of two locks does not stay behind on a connection that is used again."""
    assert database.call(GIVE_UP_WAITING) == 1, "only that of the other one"
