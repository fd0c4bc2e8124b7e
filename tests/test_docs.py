# SPDX-License-Identifier: Apache-2.0
"""The documents say what is: their snippets run against the sandbox, generated pages are up to date."""

import contextlib
import io
import re
import runpy
import shlex
import sys
from pathlib import Path

import attrs
import click
import pytest
from markdown_it import MarkdownIt

import swath
from swath._cli import cli, main
from swath.hookspecs import Context, Hooks
from swath.native import close_context
from swath.sandbox import Sandbox, World, serve

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
EXAMPLE = DOCS / "plugins" / "example" / "src"
PAGES = [
    page
    for page in [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("plugins/*/README.md"), *DOCS.rglob("*.md")]
    if not {"decisions", "_build", "node_modules"} & set(page.relative_to(ROOT).parts)
]
NOT_OURS = {"make", "pip", "pytest"}
"""Commands of consoles that set up instead of showing swath; the Makefile and CI run them."""
MOST_NOT_RUN = 5
SHOWN = {
    "cheapest-scene.md": lambda of: of["prices"] and of["items"][0].id == of["cheapest"],
    "least-cloud-mosaic.md": lambda of: of["missing"].is_empty and float(of["mosaic"].red.notnull().mean()) > 0.3,
    "tasking-with-a-cap.md": lambda of: (of["task"].kind, of["task"].state) == ("task", "succeeded"),
    "resume-after-a-crash.md": lambda of: of["again"].id == of["order"].id and len(of["same"]) == 3,
    "order-for-a-webhook.md": lambda of: (of["received"].heard, of["forged"].heard) == ("new", "refused"),
    "export-to-geoparquet.md": lambda of: set(of["frame"]["swath:provider"]) == {"planet", "sedas"},
    "ndvi-with-dask.md": lambda of: of["means"].notnull().any() and abs(of["means"]).max() <= 1,
    "budget-cap.md": lambda of: 0 < len(of["bought"]) < 5,
    "several-accounts.md": lambda of: [one.id for one in of["mine"].orders()] == [of["order"].id],
    "saved-search.md": lambda of: set(of["best"]) == {"planet", "sedas"} and len(of["items"]) == 2,
}
"""What has to be true when a page of the cookbook has run."""
NESTED = {"status", "logout"}
"""Commands of a group, named beside it."""


@attrs.frozen
class Snippet:
    """One fenced block."""

    page: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def place(self):
        return f"{self.page.relative_to(ROOT)}:{self.line + 1}"


def snippets(page):
    """Find the blocks of Python and shell in a page."""
    found = []
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        language, *words = (token.info if token.type == "fence" else "").split() or [""]
        if language in {"python", "console", "bash"}:
            found.append(Snippet(page, token.map[0], language, tuple(words), token.content))
    return found


def wanted():
    return [page for page in PAGES if any("no-run" not in one.words for one in snippets(page))]


# --- running ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def environment():
    """Run stand-ins of all providers and of the example, which nobody has to wait for."""
    sys.path.insert(0, str(EXAMPLE))
    from swath_example.sandbox import make_stand_in

    world = World(speed=1e6, rate_limits=False)
    with Sandbox(None, world=world) as box, serve("example", make_stand_in(world), world) as example:
        yield {**box.env, **example.env}
    sys.path.remove(str(EXAMPLE))
    for name in [name for name in sys.modules if name.startswith("swath_example")]:
        del sys.modules[name]


@pytest.fixture
def reader(environment, tmp_path, monkeypatch):
    """Sit where a reader of the documents sits: an empty folder, with the sandbox's environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SWATH_PROFILE", raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@contextlib.contextmanager
def session():
    """Give a namespace, and close what was opened in it, as the end of a program does."""
    namespace = {"__name__": "__main__"}
    try:
        yield namespace
    finally:
        for value in namespace.values():
            if isinstance(value, swath.Provider | swath.Federation):
                value.close()
            elif isinstance(value, Context):
                close_context(value)


def commands(snippet):
    """Give the command lines of a console, continued lines joined."""
    text = snippet.text.replace("\\\n", " ")
    if snippet.language == "bash":
        return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]


def run_line(line, monkeypatch):
    """Run a pipeline of swath commands in this process, as a shell would."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|>")
    lexer.whitespace_split = True
    words, given, target = list(lexer), "", None
    if ">" in words:
        target = Path(words[words.index(">") + 1])
        words = words[: words.index(">")]
    stages = [[]]
    for word in words:
        if word == "|":
            stages.append([])
        else:
            stages[-1].append(word)
    for program, *arguments in stages:
        assert program == "swath", f"{line!r}: nobody knows how to run {program!r} here"
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        said, talk = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(talk):
            code = main(arguments)
        assert code == 0, f"{line!r} exited with {code}: {talk.getvalue()}"
        given = said.getvalue()
    if target is not None:
        target.write_text(given)


# rasterio itself multiplies by `*` what affine 3 wants multiplied by `@`.
@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
@pytest.mark.parametrize("page", wanted(), ids=lambda page: str(page.relative_to(ROOT)))
def test_p62_snippets_run(page, reader, monkeypatch):
    """Blocks of one page share a namespace and a folder, as a reader's session does."""
    with session() as namespace:
        for snippet in snippets(page):
            if "no-run" in snippet.words:
                continue
            if snippet.language == "python":
                code = compile("\n" * (snippet.line + 1) + snippet.text, str(snippet.page), "exec")
                exec(code, namespace)
                continue
            for line in commands(snippet):
                if line.split()[0] not in NOT_OURS:
                    run_line(line, monkeypatch)
        if page.parent.name == "cookbook" and page.name != "index.md":
            assert SHOWN[page.name](namespace)


def test_p62_snippets_that_do_not_run_are_few_and_say_why():
    found = [one for page in PAGES for one in snippets(page) if "no-run" in one.words]
    unexplained = [
        one.place
        for one in found
        if not re.match(r"<!-- no-run: .+ -->", one.page.read_text(encoding="utf-8").splitlines()[one.line - 1])
    ]

    assert unexplained == []
    assert len(found) <= MOST_NOT_RUN, [one.place for one in found]


def test_p62_every_kind_of_snippet_is_run():
    """A change of the pages' form must not leave the test above with nothing to do."""
    run = [one for page in wanted() for one in snippets(page) if "no-run" not in one.words]

    assert len(PAGES) >= 12
    assert sum(one.language == "python" for one in run) >= 40
    assert sum(one.language == "console" for one in run) >= 10


# --- pages that follow the code -----------------------------------------------------------------------------------------


def hook_names():
    return {name for name, value in vars(Hooks).items() if hasattr(value, "swath_spec")}


def test_every_hook_has_a_section_with_an_example():
    text = (DOCS / "plugins" / "hooks.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL))

    assert set(sections) == hook_names()
    for name, section in sections.items():
        assert re.search(rf"```python\n.*@hookimpl\n    def {name}\(", section, re.DOTALL), name


def test_p62_page_of_errors_is_up_to_date():
    made = runpy.run_path(str(DOCS / "generate_errors.py"))

    assert made["PAGE"].read_text(encoding="utf-8") == made["generate"](), "run: python docs/generate_errors.py"


def test_every_command_is_on_its_page():
    text = (DOCS / "start" / "command-line.md").read_text(encoding="utf-8")
    table = " ".join(line for line in text.splitlines() if line.startswith("| `swath"))

    assert set(cli.list_commands(click.Context(cli))) == set(re.findall(r"`(?:swath )?(\w+)(?: \w+)?`", table)) - NESTED


def test_links_between_pages_lead_somewhere():
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            is_picture = target.endswith(".png")  # made by the demonstration
            if "://" not in target and not is_picture and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")

    assert broken == []
