"""What ./property says when something is missing, and that an interrupted run goes on.

No network and no database: the programs that would need them are small scripts on PATH.
"""

import errno
import functools
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cli import (
    addons,
    browsers,
    check,
    coverage,
    databases,
    debian,
    doctor,
    errors,
    interpreter,
    locks,
    main,
    odoo,
    paths,
    postgres,
    stack,
    testing,
    up,
)

ROOT = Path(__file__).resolve().parent.parent
NO_DNS = "Err:1 http://deb.debian.org sid InRelease\\n  Temporary failure resolving 'd'"
EXPIRED = "E: Release file for http://m/dists/sid/InRelease is expired (invalid since 16d)"
UNSIGNED = "E: The repository 'http://m sid InRelease' is not signed."


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A PATH with nothing on it but the scripts that the test writes."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def write(name, script):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    return write


@pytest.fixture
def state(tmp_path):
    return paths.State(tmp_path / "state").prepare()


def test_no_network_while_reading_the_package_list(programs, state):
    programs("apt-get", f"printf \"{NO_DNS}\"; exit 100")
    with pytest.raises(errors.Problem, match="(?s)No network.*http_proxy.*ODOO_SRC"):
        debian.update_lists(state.stack / "apt")


def test_no_network_while_installing_python_packages(programs):
    pip = programs("pip", "echo 'NewConnectionError: Failed to establish a connection'; exit 1")
    with pytest.raises(errors.Problem, match="No network"):
        stack.run_tool("Installing Python packages", [pip])


def test_own_mirror_that_lacks_sid_is_followed_by_debians_own(programs, state, monkeypatch):
    monkeypatch.setattr(debian, "own_mirror", lambda: "http://mirror.example/debian")
    sources = state.stack / "apt/sources.list"
    programs("apt-get", f"read line < {sources}; case $line in *mirror.example*) exit 100;; esac")
    debian.update_lists(state.stack / "apt")
    assert debian.FALLBACK_MIRROR in sources.read_text()


@pytest.mark.parametrize(
    "line",
    [
        "URIs: http://mirror.example/debian/",
        "deb http://mirror.example/debian bookworm main",
        "deb [arch=amd64] http://mirror.example/debian/ bookworm main contrib",
    ],
)
def test_mirror_is_read_from_the_machines_own_sources(tmp_path, line):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("deb http://security.example/debian-security x main\n")
    (tmp_path / "sources.list.d/a.sources").write_text(f"# comment\n{line}\n")
    assert debian.own_mirror(tmp_path) == "http://mirror.example/debian"
    assert debian.own_mirror(tmp_path / "nothing") == debian.FALLBACK_MIRROR


def test_expired_package_list_is_read_again_and_said(programs, state, capsys):
    programs(
        "apt-get",
        f'case "$*" in *Check-Valid-Until=false*) exit 0;; esac; echo "{EXPIRED}"; exit 100',
    )
    options = debian.update_lists(state.stack / "apt")
    assert "Acquire::Check-Valid-Until=false" in options
    said = capsys.readouterr().err
    assert "expired" in said and "signature is still checked" in said


def test_unsigned_package_list_is_refused(programs, state):
    programs("apt-get", f'echo "{UNSIGNED}"; exit 100')
    with pytest.raises(errors.Problem, match="signature"):
        debian.update_lists(state.stack / "apt")


def test_neither_apt_nor_checkout(programs, state):
    with pytest.raises(errors.Problem, match="no apt.*(?s:.*)ODOO_SRC"):
        debian.download(state)


def test_checkout_that_is_not_odoo(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_SRC", str(tmp_path))
    with pytest.raises(errors.Problem, match="not a checkout of Odoo 19.0"):
        stack.source_tree()
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo/release.py").write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
    assert stack.source_tree() == tmp_path


@pytest.mark.parametrize(
    ("version", "venv", "message"),
    [
        ("3 9", True, "found 3.9, too old"),
        ("3 13", True, "found 3.13, too new"),
        ("3 11", False, "venv module is missing.*(?s:.*)python3.11-venv"),
    ],
)
def test_python_that_does_not_serve(programs, monkeypatch, version, venv, message):
    programs("python3", f"echo {version}; exit {0 if venv else 1}")
    monkeypatch.setattr(interpreter, "CANDIDATES", ("python3.12", "python3"))
    with pytest.raises(errors.Problem, match=message):
        interpreter.find()


def test_usable_python_is_found_behind_one_too_new(programs, monkeypatch):
    programs("python3", "echo 3 13")
    wanted = programs("python3.12", "echo 3 12")
    monkeypatch.setattr(interpreter, "CANDIDATES", ("python3", "python3.12"))
    assert interpreter.find() == (wanted, (3, 12))


def test_script_itself_says_that_python_is_too_old():
    code = (
        "import runpy, subprocess, sys\n"
        "def nothing(*args, **kwargs): raise OSError\n"
        "subprocess.check_output = nothing\n"
        "sys.version_info = (3, 6)\n"
        f"runpy.run_path({str(ROOT / 'property')!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "too old" in done.stderr and "apt-get install" in done.stderr


def test_port_that_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(errors.Problem, match=f"(?s)Port {port}.*--port {port + 1}"):
            up.require_free_port("127.0.0.1", port)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--port", "0"),
        ("--port", "65536"),
        ("--port", "x"),
        ("--units", "39"),
        ("--units", "100001"),
        ("--units", "x"),
    ],
)
def test_number_that_is_none(option, value, capsys):
    with pytest.raises(SystemExit):
        main.main(["up", option, value])
    assert option in capsys.readouterr().err


def test_disk_without_room_is_seen_before_the_download(programs, state, monkeypatch):
    monkeypatch.setattr(stack, "NEEDED_BYTES", 2**60)
    made = stack.Stack(state.stack / "odoo", state.stack / "venv", False)
    with pytest.raises(errors.Problem, match="(?s)disk is full.*PROPERTY_HOME"):
        stack.build(state, made, None, "python3", False)


def test_disk_that_fills_up_on_the_way(programs, monkeypatch, capsys):
    tool = programs("tool", "echo 'write failed: No space left on device'; exit 1")
    with pytest.raises(errors.Problem, match="disk is full"):
        stack.run_tool("Unpacking", [tool])

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere")

    monkeypatch.setattr(main, "dispatch", full)
    assert main.main(["coverage"]) == 1
    assert "disk is full (/somewhere)" in capsys.readouterr().err


def test_named_postgresql_that_does_not_answer():
    server = postgres.named_server({"PGHOST": "127.0.0.1", "PGPORT": str(postgres.free_port())})
    with pytest.raises(errors.Problem, match="(?s)cannot be reached as odoo.*PGHOST"):
        server.start()


@pytest.mark.parametrize(
    ("version", "user", "extensions", "message"),
    [
        (130012, "odoo", postgres.EXTENSIONS, "is version 13; the oldest"),
        (160004, "postgres", postgres.EXTENSIONS, "refuses to work as .* postgres"),
        (160004, "odoo", ("pg_trgm",), "lacks the extensions btree_gist, unaccent"),
    ],
)
def test_named_postgresql_that_does_not_serve(monkeypatch, version, user, extensions, message):
    def query(_self, statement, *_values, **_options):
        return [(version,)] if "server_version" in statement else [(name,) for name in extensions]

    monkeypatch.setattr(postgres.Server, "query", query)
    server = postgres.named_server({"DATABASE_URL": f"postgresql://{user}:s%40x@db.example:6000/x"})
    assert (server.host, server.port, server.password) == ("db.example", 6000, "s@x")
    with pytest.raises(errors.Problem, match=message):
        server.start()


def test_home_that_is_empty_or_closed(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(errors.Problem, match="(?s)HOME is empty.*PROPERTY_HOME"):
        paths.home({"HOME": ""})
    assert paths.home({"HOME": "/home/x"}) == Path("/home/x/.local/share/property")
    assert paths.home({"HOME": "/h", "XDG_DATA_HOME": "/data"}) == Path("/data/property")
    assert paths.home({"HOME": "/h", "PROPERTY_HOME": "/else"}) == Path("/else")
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.Problem, match="(?s)cannot be written.*PROPERTY_HOME"):
        paths.State(tmp_path / "file/state").prepare()


def test_unpacking_that_was_interrupted_goes_on(programs, state, monkeypatch):
    monkeypatch.setattr(debian, "TESTED_VERSION", "1")
    cache = state.stack / "debs"
    cache.mkdir()
    for package in debian.PACKAGES:
        (cache / f"{package}_1_all.deb").write_text("")
    library = state.stack / "odoo" / debian.LIBRARY
    leftover = state.stack / "odoo.tmp/usr/half"
    leftover.parent.mkdir(parents=True)
    leftover.write_text("")
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/usr/bin:/bin")
    programs("apt-get", "exit 1")
    programs("dpkg-deb", 'case "$2" in *fonts-lato*) echo broken >&2; exit 1;; esac')
    with pytest.raises(errors.Problem, match="Unpacking fonts-lato"):
        debian.unpack(state, library)
    assert not library.exists()

    (cache / "fonts-lato_1_all.deb").write_text("fetched again")
    programs("dpkg-deb", f'/bin/mkdir -p "$3/{debian.LIBRARY}"')
    debian.unpack(state, library)
    assert (library / debian.UNPACKED).read_text() == "1"
    assert not leftover.exists()
    programs("dpkg-deb", "exit 1")
    debian.unpack(state, library)


def test_download_that_was_interrupted_keeps_what_is_whole(programs, state, monkeypatch):
    monkeypatch.setattr(debian, "update_lists", lambda folder: [])
    monkeypatch.setattr(debian, "KEYRING", Path("/"))
    programs("dpkg-deb", "")
    programs("apt-get", "echo half > odoo-19_1_all.deb; echo 'Connection timed out'; exit 100")
    with pytest.raises(errors.Problem, match="No network"):
        debian.download(state)
    assert not list((state.stack / "debs").glob("*.deb"))
    names = " ".join(f"{package}_1_all.deb" for package in debian.PACKAGES)
    programs("apt-get", f"for name in {names}; do echo whole > $name; done")
    assert len(debian.download(state)) == len(debian.PACKAGES)


def test_virtual_environment_that_was_interrupted_is_made_anew(state, monkeypatch):
    made = stack.Stack(state.stack / "odoo", state.stack / "venv", False)
    calls = []

    def make(_what, command):
        calls.append(command)
        (made.venv / "lib/python3.11/site-packages").mkdir(parents=True)

    def broken(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(stack, "run_tool", make)
    monkeypatch.setattr(stack, "install", broken)
    with pytest.raises(KeyboardInterrupt):
        stack.build_venv(made, "python3", False)
    monkeypatch.setattr(stack, "install", lambda *_args: None)
    stack.build_venv(made, "python3", False)
    stack.build_venv(made, "python3", False)
    assert len(calls) == 2
    assert (made.site / "odoo-19.0.dist-info/METADATA").exists()


def test_interrupted_command_says_that_the_next_goes_on(monkeypatch, capsys):
    def interrupted(_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "dispatch", interrupted)
    assert main.main(["coverage"]) == 130
    assert "the next run goes on" in capsys.readouterr().err


def test_last_user_of_a_cluster_is_told_so(tmp_path):
    first, second = locks.Users(tmp_path / "users"), locks.Users(tmp_path / "users")
    first.join()
    second.join()
    assert not first.leave()
    assert second.leave()


def test_database_is_up_once_at_a_time(tmp_path):
    path = tmp_path / "lock"
    held = locks.try_exclusive(path, "process 1")
    assert locks.try_exclusive(path) is None
    assert locks.holder(path) == "process 1"
    held.close()
    assert locks.try_exclusive(path)


@pytest.mark.parametrize(("off", "code"), [(0, 0), (1, -signal.SIGTERM)])
def test_server_ends_with_the_command_that_started_it(off, code):
    """It goes by that one's own number: as the first process of a container it has number 1."""
    prepare = functools.partial(odoo.end_with_parent, os.getpid() + off)
    assert subprocess.run(["true"], preexec_fn=prepare, check=False).returncode == code


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Walk", "cannot be the name"),
        ("walk.new", "cannot be the name"),
        ("test_2024", "cleared away"),
        ("empty_7_b", "cleared away"),
        ("template_0123456789", "cleared away"),
    ],
)
def test_database_that_another_command_would_drop(name, message):
    """Neither test databases nor those that are being made are called like one of the user's."""
    options = main.parser().parse_args(["up", "--database", name])
    with pytest.raises(errors.Problem, match=message):
        up.run(options)


def test_database_that_is_being_made_has_a_name_of_its_own(state, monkeypatch):
    """One that is called walk_new stays when walk is made."""
    dropped = []
    monkeypatch.setattr(databases, "drop", lambda _state, _server, name: dropped.append(name))
    monkeypatch.setattr(databases, "install_ground", interrupt_making)
    server = postgres.Server("127.0.0.1", 5432, "odoo", "")
    made = stack.Stack(state.stack, state.stack, source_tree=False)
    instance = odoo.Odoo(state, made, server, "walk")
    with pytest.raises(KeyboardInterrupt):
        up.create(instance, main.parser().parse_args(["up"]))
    assert dropped == ["walk.new"]


def interrupt_making(_instance):
    raise KeyboardInterrupt


def test_doctor_shows_both_sides_and_the_difference():
    result = {"name": "试算平衡", "left": "1.00", "right": "2.00", "difference": "-1.00"}
    result["ok"] = False
    lines = doctor.table([result]).splitlines()
    assert lines[1].split() == ["!!", "试算平衡", "1.00", "2.00", "-1.00"]
    assert lines[0].endswith("difference")


def test_coverage_counts_rows_by_depth(tmp_path, monkeypatch, capsys):
    table = "| id | depth | name | where |\n|---|---|---|---|\n"
    for row in ("A01 | F | 企业信息 | settings", "A02 | P | Tree | tree", "B13 | N | Bills | x"):
        table += f"| {row} |\n"
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/features.md").write_text(table)
    folder = tmp_path / "addons/x/tests"
    folder.mkdir(parents=True)
    (folder / "test_x.py").write_text(
        'class TestX:\n    """[B13]"""\n    def test_a(self):\n        """Rows [A01, A02]."""\n'
    )
    monkeypatch.setattr(coverage, "ROOT", tmp_path)
    monkeypatch.setattr(coverage, "FEATURES", tmp_path / "docs/features.md")
    assert main.main(["coverage"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert "        addons/x/tests/test_x.py::TestX::test_a" in printed
    assert json.loads(printed[-1]) == {
        "A": {"F": [1, 1], "P": [1, 1], "N": [0, 0]},
        "B": {"F": [0, 0], "P": [0, 0], "N": [1, 1]},
    }


def test_tests_are_chosen_by_path_add_on_feature_and_word(monkeypatch):
    monkeypatch.setattr(addons, "names", lambda: ["property_x"])
    choice = testing.Choice(["property_x"], quick=True)
    assert choice.odoo() == ["addons/property_x"]
    assert choice.crossing() == []
    assert choice.addons() == ["property_x"]
    choice = testing.Choice(["B13", "tests/test_cli.py::test_x", "late", "fee"], quick=False)
    assert choice.pure() == ["tests/test_cli.py::test_x"]
    assert choice.options == ["--feature=B13", "-k", "late or fee"]
    assert choice.addons() is None
    folder = testing.Choice(["addons/"], quick=False)
    assert folder.odoo() == ["addons/property_x"]
    assert folder.addons() == ["property_x"]
    assert testing.Choice(["."], quick=False).is_everything()
    everything = testing.Choice([], quick=False)
    assert "tests/test_cli.py" in everything.pure()
    assert everything.crossing() == ["tests", "--ignore=tests/test_cli.py"]


def test_browser_is_installed_by_root_or_asked_for(programs, monkeypatch, capsys, tmp_path):
    called = tmp_path / "called"
    programs("apt-get", f'echo "$@" >> {called}')
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    testing.ensure_browser()
    assert "apt-get install chromium" in capsys.readouterr().err
    assert not called.exists()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    testing.ensure_browser()
    assert called.read_text().splitlines() == [
        "update -q",
        "install -q -y chromium fonts-noto-cjk poppler-utils",
    ]


def test_browser_that_prints_is_the_one_that_is_looked_for(programs):
    assert browsers.find_browser() is None
    path = programs("chrome", "")
    assert browsers.find_browser() == path


def test_bill_that_does_not_print_fails_the_check(programs, monkeypatch):
    """Odoo's message names Chromium whether there is none or it failed."""
    monkeypatch.setattr(postgres.Server, "query", lambda *_args, **_options: [(1,)])
    instance = odoo.Odoo(paths.State("/"), None, postgres.Server("", 0, "", ""), "x")
    browser = check.Browser("")
    monkeypatch.setattr(browser, "get", lambda path: (path, b"Chromium could not print this"))
    assert check.printed_bill(instance, browser) == "printing skipped: no Chromium"
    programs("chromium", "")
    with pytest.raises(errors.Problem, match="did not print"):
        check.printed_bill(instance, browser)


def test_script_tells_how_far_it_is(programs, state):
    """And what it prints as a result comes back, whatever else it prints."""
    made = stack.Stack(state.stack, state.stack, False)
    made.python = programs(
        "python", "/bin/cat; echo PROPERTY-PROGRESS:half; echo x; echo 'PROPERTY-RESULT:[1]'"
    )
    instance = odoo.Odoo(state, made, postgres.Server("", 0, "odoo", ""), "x")
    told = []
    assert instance.call("pass", on_progress=told.append) == [1]
    assert told == ["half"]
    programs("python", "echo broken; exit 1")
    with pytest.raises(errors.Problem, match="(?s)Making it failed.*broken"):
        instance.call("pass", "Making it")


def test_every_command_has_help(capsys):
    for command in ("up", "test", "lint", "bench", "doctor", "coverage", "shell", "psql"):
        with pytest.raises(SystemExit) as ended:
            main.main([command, "--help"])
        assert ended.value.code == 0
        assert command in capsys.readouterr().out
