"""Fixtures of the tests that cross add-ons: a database, a server on it, a browser.

`suite` makes any number of them with any lifetime; `database`, `server` and `browser` are one each
per test. Tests that use `browser` get its marker, so that --quick leaves them out.
"""

import itertools
import os
import re
from contextlib import contextmanager

import pytest
from browser import Browser

from cli import databases, odoo, postgres
from cli import stack as stacks
from cli.paths import state as prepare_state

DATABASE_NUMBERS = itertools.count(1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


class Suite:
    """The set-up that ./property test has made: paths, PostgreSQL, the template database."""

    def __init__(self):
        self.state = prepare_state()
        self.stack = stacks.ensure(self.state, tests=True)
        self.postgres = postgres.server(self.state, self.stack, tests=True).start()
        self.templates = databases.Templates(self.state, self.stack, self.postgres)
        self.template = os.environ.get("PROPERTY_TEMPLATE") or self.templates.get()

    @contextmanager
    def database(self, template=None):
        """A clone of the template, as a cli.odoo.Odoo: call(script), install(modules), database."""
        name = f"cross_{os.getpid()}_{next(DATABASE_NUMBERS)}"
        instance = odoo.Odoo(self.state, self.stack, self.postgres, name)
        try:
            databases.clone(self.state, self.postgres, template or self.template, name)
            instance.configure()
            yield instance
        finally:
            databases.drop(self.state, self.postgres, name)

    @contextmanager
    def server(self, instance, **options):
        """A running Odoo: url, odoo, stop(), kill() (SIGKILL) and start() again."""
        process = odoo.Process(instance, **options)
        try:
            yield process.start()
        finally:
            process.stop()


@pytest.fixture(scope="session")
def suite():
    made = Suite()
    yield made
    made.postgres.stop()


@pytest.fixture
def database(suite):
    with suite.database() as instance:
        yield instance


@pytest.fixture
def server(suite, database):
    with suite.server(database) as process:
        yield process


@pytest.fixture
def browser(request):
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    with Browser(name) as opened:
        yield opened
