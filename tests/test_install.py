"""Any one add-on installs alone in an empty database and leaves no trace."""

import os
from types import SimpleNamespace

import pytest

from cli import addons, databases, odoo, up

TRACES = """
ours = %r
query = env.cr.execute
query("SELECT module || '.' || name FROM ir_model_data WHERE module IN %%s", [tuple(ours)])
left = [f'record {name}' for (name,) in env.cr.fetchall()]
query("SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND relname LIKE 'property\\\\_%%'")
left += [f'table {name}' for (name,) in env.cr.fetchall()]
query("SELECT table_name || '.' || column_name FROM information_schema.columns"
      " WHERE column_name LIKE 'property\\\\_%%' AND data_type != 'jsonb'")
left += [f'column {name}' for (name,) in env.cr.fetchall()]
result = left
"""


@pytest.fixture(scope="module")
def empty(suite):
    """The name of a database with nothing but Odoo's base."""
    name = f"empty_{os.getpid()}"
    instance = odoo.Odoo(suite.state, suite.stack, suite.postgres, name)
    databases.drop(suite.state, suite.postgres, name)
    suite.postgres.query(f'CREATE DATABASE "{name}"')
    instance.install(["base"])
    yield name
    databases.drop(suite.state, suite.postgres, name)


@pytest.mark.parametrize("name", addons.names())
def test_installs_alone_and_uninstalls(suite, empty, name):
    with suite.database(empty) as instance:
        instance.install([name])
        assert databases.installed(instance, name)
        ours = addons.closure([name])
        assert instance.call(TRACES % (ours,)), "the search for traces finds nothing at all"
        for one in reversed(addons.order(ours)):
            instance.run(one, subcommand=["module", "uninstall"], what=f"Removing {one}")
        left = instance.call(TRACES % (ours,))
        assert not left, "\n".join(left)


OLD_TEXTS = """
env = env(context={'lang': 'zh_CN'})
env.ref('property_billing.field_property_unit_area__kind').field_description = '面积依据'
env.ref('property_base.dictionary_item_property_type_villa').name = '花园别墅'
env.cr.commit()
"""
TEXTS = """
env = env(context={'lang': 'zh_CN'})
result = [env.ref('property_billing.field_property_unit_area__kind').field_description,
          env.ref('property_base.dictionary_item_property_type_villa').name]
"""


def test_an_update_brings_its_texts_and_leaves_those_of_the_office(database):
    """A label that was called otherwise by the add-on before; a word that the office changed."""
    database.call(OLD_TEXTS)
    old = {name: digest + "-" for name, digest in addons.digests().items()}
    stamps = {"addons": old, "stack": database.stack.version(), "demo": None}
    up.update(database, stamps, SimpleNamespace(demo=False, units=None))
    assert database.call(TEXTS) == ["面积类型", "花园别墅"]
    assert stamps["addons"] == addons.digests()
