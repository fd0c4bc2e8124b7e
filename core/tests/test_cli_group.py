# SPDX-License-Identifier: Apache-2.0
"""The command line as such: what is imported when, help pages, suggestions, completion, what all commands share."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import warnings

import click
import pytest
from click.shell_completion import ShellComplete

from swath._cli import cli, logs, main
from swath._cli.group import State
from swath.models import OrderState

HEAVY = ("numpy", "pandas", "xarray", "rasterio", "shapely", "httpx", "pystac", "cql2", "rich", "keyring", "starlette",
         "swath_planet", "swath_sedas")  # fmt: skip
PRINT_NO_DATA = {"completion", "listen", "login", "logout"}


def commands(group=cli, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))
        else:
            yield (*path, name), found


COMMANDS = dict(commands())


def run(*words, **more):
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **more}
    )


# --- importing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["nonsense"], ["search", "--help"], ["auth", "--help"]])
def test_p41_help_loads_nothing_heavy_and_no_plugin(words):
    code = (
        "import sys; from swath._cli import main; main(sys.argv[1:]); "
        f"print(*[n for n in {HEAVY!r} if n in sys.modules], file=sys.stderr)"
    )

    done = run("-c", code, *words)

    assert done.stderr.splitlines()[-1] == ""


def test_group_imports_a_command_only_when_it_runs():
    done = run("-c", "import sys, swath._cli; print([n for n in sys.modules if n.startswith('swath._cli.')])")

    assert not {f"swath._cli.{name}" for name in ("find", "buy", "get", "auth", "track")} & set(eval(done.stdout))


# --- help -------------------------------------------------------------------------------------------------------------


def test_help_names_every_command_and_the_exit_codes(capsys):
    assert main(["--help"]) == 0

    told = capsys.readouterr().out
    assert all(re.search(rf"^  {path[0]} +\S", told, re.MULTILINE) for path in COMMANDS)
    assert "5 provider unavailable" in re.sub(r"\s+", " ", told)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_page_of_each_command(path, capsys):
    assert main([*path, "--help"]) == 0

    told = capsys.readouterr()
    assert told.out.startswith(f"Usage: swath {' '.join(path)} ")
    assert "--profile NAME" in told.out
    assert "-v, --verbose" in told.out
    assert "\b" not in told.out
    assert told.err == ""


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_examples_are_not_wrapped(path, capsys):
    text = COMMANDS[path].help or ""
    examples = [line.strip() for block in text.split("\b\n")[1:] for line in block.split("\n\n")[0].splitlines()]
    main([*path, "--help"])
    told = [line.strip() for line in capsys.readouterr().out.splitlines()]

    assert all(example in told for example in examples)
    assert all(len(example) <= 118 for example in examples)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_that_prints_data_prints_it_as_json_too(path):
    options = {name for parameter in COMMANDS[path].params for name in parameter.opts}

    assert ("--json" in options) == (path[-1] not in PRINT_NO_DATA)


def test_one_meaning_has_one_name_everywhere():
    """An option of one name has one way of being written, wherever it is."""
    forms = {}
    for found in COMMANDS.values():
        for parameter in found.params:
            is_choice = isinstance(
                getattr(parameter, "flag_value", None), str
            )  # one of several flags that exclude each other
            if isinstance(parameter, click.Option) and not is_choice:
                forms.setdefault(parameter.name, set()).add((*parameter.opts, parameter.metavar))

    assert {name: written for name, written in forms.items() if len(written) > 1} == {}


def test_version(capsys):
    assert main(["--version"]) == 0
    assert re.fullmatch(r"swath \d+\.\d+\.\d+\S*\n", capsys.readouterr().out)


# --- words that are wrong ---------------------------------------------------------------------------------------------

MISTYPED = {
    ("serach",): "did you mean 'search'?",
    ("ordr", "-"): "did you mean 'order'",
    ("xyzzy",): "commands: providers, plugins, auth",
    ("auth", "logn"): "did you mean 'login'",
    ("search",): "name one or more providers",
    ("search", "x", "--colections", "y"): "--collections",
    ("search", "x", "--bbox", "1,2,3"): "not W,S,E,N",
    ("search", "x", "--bbox", "a,b,c,d"): "not W,S,E,N",
    ("search", "x", "-n", "0"): "0 is not in the range",
    ("search", "x", "--limit", "0"): "0 is not in the range",
    ("search", "x", "--format", "xml"): "'xml' is not one of",
    ("search", "x", "--format", "table", "--json"): "--json prints GeoJSON",
    ("wait",): "Missing argument",
    ("wait", "x", "--timeout", "-1"): "not in the range",
    ("orders", "--state", "gone"): "'gone' is not one of",
    ("load", "nowhere"): "does not exist",
    ("load", ".", "--quicklook", "x.jpg"): "does not end in .png",
    ("verify", "nowhere"): "does not exist",
    ("completion", "tcsh"): "'tcsh' is not",
    ("-v",): "Missing command",
}


@pytest.mark.parametrize("words", MISTYPED, ids=" ".join)
def test_misuse_is_said_with_the_way_out(words, capsys):
    assert main(list(words)) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert MISTYPED[words] in told.err
    assert "Traceback" not in told.err


@pytest.mark.usefixtures("depot")
def test_name_of_a_provider_gives_its_own_commands(capsys):
    assert main(["depot", "gate"]) == 0
    assert capsys.readouterr().out == "the gate is open\n"
    assert main(["depot", "gte"]) == 2
    assert "'gte'" in capsys.readouterr().err  # the newer click names the nearest, too


# --- completion -------------------------------------------------------------------------------------------------------


def complete(*words):
    found = ShellComplete(cli, {}, "swath", "_SWATH_COMPLETE").get_completions(list(words[:-1]), words[-1])
    return {item.value for item in found}


@pytest.mark.usefixtures("depot")
def test_completion_of_commands_options_and_names():
    assert {"search", "order", "orders", "auth"} <= complete("")
    assert complete("or") == {"order", "orders"}
    assert complete("auth", "lo") == {"login", "logout"}
    assert complete("search", "planet", "--coll") == {"--collections"}
    assert complete("orders", "--state", "") == {state.value for state in OrderState}
    for command in (["search"], ["collections"], ["acquire"], ["auth", "login"], ["budget"], ["orders", "--provider"]):
        assert complete(*command, "dep") == {"depot"}


def test_completion_of_orders_reads_a_ledger_and_makes_none(open_depot, tmp_path, capsys):
    assert complete("wait", "") == set()
    assert not (tmp_path / "home").exists()
    (tmp_path / "found.json").write_text(json.dumps(open_depot.items[0]))
    assert main(["order", str(tmp_path / "found.json")]) == 0

    for command in ("wait", "cancel", "download", "resume", "orders"):
        assert "d-000001" in complete(command, "d-")
    (tmp_path / "home" / "ledger.sqlite3").write_bytes(b"broken" * 1000)
    assert complete("wait", "") == set()


def test_completion_of_a_word_imports_no_other_command():
    code = (
        "import sys; from swath._cli import cli; from click.shell_completion import ShellComplete; "
        "ShellComplete(cli, {}, 'swath', 'X').get_completions([], ''); "
        "print([n for n in sys.modules if n.startswith('swath._cli.')])"
    )

    done = run("-c", code)

    assert not {f"swath._cli.{name}" for name in ("find", "buy", "get", "auth", "track")} & set(eval(done.stdout))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_the_shells(shell, capsys):
    assert main(["completion", shell]) == 0
    assert f"_SWATH_COMPLETE={shell}_complete" in capsys.readouterr().out


# --- what all commands share ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["-vv", "orders"], ["orders", "-vv"], ["-v", "orders", "-v"]], ids=" ".join)
@pytest.mark.usefixtures("depot")
def test_verbose_before_or_after_and_gone_afterwards(words, capsys):
    logger = logging.getLogger("swath")
    before = (logger.level, list(logger.handlers), list(logging.getLogger().handlers))
    signals = signal.getsignal(signal.SIGTERM)
    filters = list(warnings.filters)

    assert main(words) == 0

    assert (logger.level, logger.handlers, logging.getLogger().handlers) == before
    assert signal.getsignal(signal.SIGTERM) is signals
    assert list(warnings.filters) == filters


def test_verbose_shows_plugins_and_not_the_urls_of_http_libraries(open_depot, capsys):
    assert main(["search", "depot", "-vv", "-n", "1"]) == 0
    told = capsys.readouterr().err
    assert "D depot_plugin: the depot is asked" in told
    assert re.search(r"D swath\.http: search-[0-9a-f]{8} depot GET \S+/items -> 200", told)
    assert "httpx" not in told
    assert "canary" not in told

    assert main(["search", "depot", "-n", "1"]) == 0
    assert capsys.readouterr().err == "More items match than --max-items=1.\n"


def test_warnings_are_shown_as_sentences(capsys):
    with logs.shown():
        logging.getLogger("anything").warning("the roof %s", "leaks")
        logging.getLogger("anything").info("no matter")
        warnings.simplefilter("always")
        warnings.warn("a word nobody knows", stacklevel=1)

    assert capsys.readouterr().err == "Warning: the roof leaks\nWarning: a word nobody knows\n"


def test_state_counts_the_most_that_was_asked_for():
    shown = []
    state = State(shown.append)

    state.be_verbose(2)
    state.be_verbose(1)

    assert state.verbose == 2
    assert shown == [2, 2]


def test_profile_may_stand_before_the_command(open_depot, capsys):
    for words in (["--profile", "work", "auth", "status", "depot"], ["auth", "status", "depot", "--profile", "work"],
                  ["auth", "--profile", "work", "status", "depot"]):  # fmt: skip
        assert main([*words, "--json"]) == 0
        assert {row["profile"] for row in json.loads(capsys.readouterr().out)} == {"work"}


def test_main_off_the_main_thread_leaves_signals_alone():
    import threading

    codes = []
    thread = threading.Thread(target=lambda: codes.append(main(["--version"])))
    thread.start()
    thread.join()

    assert codes == [0]
