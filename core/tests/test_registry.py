# SPDX-License-Identifier: Apache-2.0
import importlib
import subprocess
import sys
import textwrap

import pytest

from swath import _registry
from swath.errors import AmbiguousProvider, NotSupported, PluginBroken, ProviderNotFound, SwathError, UnexpectedResponse
from swath.hookspecs import hookimpl
from swath.models import Page, ProviderInfo

GOOD = """
from swath.hookspecs import hookimpl
from swath.models import ProviderInfo

class P:
    @hookimpl
    def describe(self):
        return ProviderInfo(name="good", title="Good")
"""
BROKEN = {
    "import error": "import a_module_that_is_not_there",
    "syntax error": "def (:",
    "exits": "raise SystemExit(3)",
    "asserts": "assert False, 'no'",
    "lacks the class": "Q = 1",
    "no class": "def P(): ...",
    "raises when made": "class P:\n    def __init__(self): raise RuntimeError('boom')",
    "misspelt hook": GOOD + "\n    @hookimpl\n    def serach(self, context, query): ...",
    "too many arguments": GOOD + "\n    @hookimpl\n    def search(self, context, query, more): ...",
    "no describe": "class P: ...",
}


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a distribution with one plugin, as an unpacked wheel in a folder on the path."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def add(dist, name, source, *, module=None, group="swath.providers", version="1.0"):
        module = module or f"plugin_{dist.replace('-', '_')}"
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{dist.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}:P\n")
        importlib.invalidate_caches()
        return info

    yield add
    for name in [name for name in sys.modules if name.startswith("plugin_")]:
        del sys.modules[name]


def names():
    return {entry.name for entry in _registry.list_plugins()}


def test_listing_imports_no_plugin(install):
    install("dist-a", "good", "raise RuntimeError('imported')")

    assert "good" in names()
    assert "plugin_dist_a" not in sys.modules


def test_opening_imports_that_plugin_only(install):
    install("dist-a", "good", GOOD)
    install("dist-b", "other", GOOD)

    hooks = _registry.open_hooks("good")

    assert hooks.describe().title == "Good"
    assert "plugin_dist_b" not in sys.modules


@pytest.mark.parametrize("kind", BROKEN)
def test_p31_broken_plugin_is_said_with_its_reason_and_harms_no_other(install, kind):
    install("dist-bad", "bad", BROKEN[kind])
    install("dist-good", "good", GOOD)

    with pytest.raises(PluginBroken) as caught:
        _registry.open_hooks("bad")

    assert "'bad'" in str(caught.value)
    assert {"bad", "good"} <= names()
    assert _registry.open_hooks("good").describe().name == "good"


def test_p32_two_distributions_with_one_name_are_ambiguous_only_when_used(install):
    install("dist-a", "twice", GOOD)
    install("dist-b", "between", GOOD)
    install("dist-c", "twice", GOOD)

    assert "twice" in names()
    _registry.open_hooks("between")
    with pytest.raises(AmbiguousProvider, match=r"dist-a .*dist-c"):
        _registry.open_hooks("twice")


def test_p32_same_distribution_seen_twice_is_one(install, tmp_path, monkeypatch):
    install("dist-a", "good", GOOD)
    other = tmp_path / "editable"
    info = other / "Dist_A-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Dist.A\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[swath.providers]\ngood = plugin_dist_a:P\n")
    monkeypatch.syspath_prepend(str(other))
    importlib.invalidate_caches()

    assert _registry.open_hooks("good").describe().name == "good"


def test_unknown_provider_lists_what_is_installed(install):
    install("dist-a", "good", GOOD)

    with pytest.raises(ProviderNotFound, match="good"):
        _registry.open_hooks("goood")


def test_p42_plugin_is_seen_at_once_and_leaves_no_file(install, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    code = "from swath._registry import list_plugins; print([e.name for e in list_plugins()])"
    environment = {"PYTHONPATH": str(tmp_path), "HOME": str(home), "PATH": ""}

    def run():
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        ).stdout

    before = run()
    install("dist-late", "late", GOOD)
    after = run()

    assert "late" not in before
    assert "late" in after
    assert list(home.rglob("*")) == []


def made(body):
    namespace = {"hookimpl": hookimpl, "ProviderInfo": ProviderInfo, "Page": Page}
    source = 'class P:\n    @hookimpl\n    def describe(self): return ProviderInfo(name="x", title="Title")\n'
    exec(source + textwrap.indent(textwrap.dedent(body), "    "), namespace)
    return _registry.open_hooks("x", namespace["P"]())


def test_p61_whatever_a_hook_raises_leaves_as_ours():
    hooks = made("@hookimpl\ndef wait(self, order): raise KeyError('state')")

    with pytest.raises(UnexpectedResponse, match="state") as caught:
        hooks.wait(None, None)

    assert (caught.value.provider, caught.value.step) == ("x", "wait")
    assert isinstance(caught.value.__cause__, KeyError)


def test_p61_iterator_that_fails_later_is_guarded_too():
    hooks = made(
        """
        @hookimpl
        def search(self, query):
            def pages():
                yield Page(items=[])
                raise OSError("disk")
            return pages()
        """
    )
    pages = hooks.search(None, None)
    next(pages)

    with pytest.raises(SwathError, match="disk"):
        next(pages)


def test_hook_that_nobody_answers_names_what_there_is():
    hooks = made("@hookimpl\ndef wait(self, order): return order")

    with pytest.raises(NotSupported, match="it has: wait"):
        hooks.cancel(None, None)


def test_extension_wraps_the_hooks_of_any_provider(install):
    install(
        "dist-ext",
        "loud",
        """
from attrs import evolve
from swath.hookspecs import hookimpl

class P:
    @hookimpl(wrapper=True)
    def describe(self):
        info = yield
        return evolve(info, title=info.title.upper())
""",
        group="swath.extensions",
    )

    assert made("").describe().title == "TITLE"


def test_broken_extension_stops_the_opening(install):
    install("dist-ext", "guard", "raise RuntimeError('no settings')", group="swath.extensions")

    with pytest.raises(PluginBroken, match="guard"):
        made("")
