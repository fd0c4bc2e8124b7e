# SPDX-License-Identifier: Apache-2.0
"""Maps of results: what is on the page, that nothing leaves it, and that it works in a browser."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest

import swath
from swath._map import show
from swath._results import ItemSearch
from swath.errors import InputError
from swath.models import Page, Query
from swath.sandbox import Sandbox, World

HOSTILE = """</script><script>document.title="XSS"</script><img src=x onerror='document.title="XSS"'>"""
SECRET = "canary-signature-0451"
ACROSS = {
    "type": "MultiPolygon",
    "coordinates": [
        [[[178.5, -18], [180, -18], [180, -16], [178.5, -16], [178.5, -18]]],
        [[[-180, -18], [-179, -18], [-179, -16], [-180, -16], [-180, -18]]],
    ],
}
needs_browser = pytest.mark.skipif(
    shutil.which("chromium") is None, reason="needs Debian's chromium; .ci/run installs it"
)


def item(name, *, provider="planet", west=5.0, south=52.0, day=1, **members):
    ring = [[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "scenes",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [west, south, west + 1, south + 1],
        "properties": {"datetime": f"2026-05-{day:02}T10:00:00Z", "eo:cloud_cover": 12.345, "swath:provider": provider},
        "links": [],
        "assets": {},
        **members,
    }


def drawn(items, **options):
    return show(iter(items), **{"title": "Test", "area": None, "most": 1000, **options}).html


def data_of(html):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1])


# --- what is on it ------------------------------------------------------------------------------------------------------


def test_page_is_small_and_names_no_other_place():
    html = drawn([item("a")])
    skeleton = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", html, flags=re.DOTALL)

    assert len(html) < 300_000
    assert "default-src &#x27;none&#x27;" in skeleton
    assert not re.search(r"""(src|href|action)=|https?:""", skeleton)
    assert "sourceMappingURL" not in html
    for kind in ("script", "style"):
        for text in re.findall(rf"<{kind}>(.*?)</{kind}>", html, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"sha256-{digest}" in skeleton


def test_signed_links_stay_out():
    looks = {
        "signed": f"https://thumbs.example/a.png?sig={SECRET}",
        "user": f"https://me:{SECRET}@thumbs.example/a.png",
        "fragment": f"https://thumbs.example/a.png#{SECRET}",
        "plain http": "http://thumbs.example/a.png",
        "script": "javascript:alert(1)",
        "broken": "https://[thumbs/a.png",
        "plain": "https://thumbs.example/a.png",
    }
    items = [item(name, assets={"t": {"href": href, "roles": ["thumbnail"]}}) for name, href in looks.items()]
    items[0]["assets"]["data"] = {"href": f"https://x.example/?{SECRET}", "roles": ["data"]}
    items[0]["links"] = [{"rel": "self", "href": f"https://x.example/?{SECRET}"}]
    items[0]["properties"]["planet:token"] = SECRET

    html = drawn(items)

    assert SECRET not in html
    assert {one["id"]: one["look"] for one in data_of(html)["features"] if one["look"]} == {"plain": looks["plain"]}


def test_hostile_text_is_only_text():
    html = drawn([item(HOSTILE, collection=HOSTILE, provider=HOSTILE)], title=HOSTILE)
    search = ItemSearch(
        provider=HOSTILE, query=Query(ids=[HOSTILE]), pages=lambda _: iter([Page(items=[item(HOSTILE)])]), count=lambda _: 1
    )  # fmt: skip
    list(search.items_as_dicts())

    assert HOSTILE not in html
    assert "<img" not in html
    assert data_of(html)["features"][0]["id"] == HOSTILE
    assert "<img" not in search._repr_html_()
    assert "<script" not in search._repr_html_()
    assert "<script" not in search.explore()._repr_html_()


def test_footprints_across_the_antimeridian_are_whole_and_side_by_side():
    items = [
        item("across", geometry=ACROSS, bbox=[178.5, -18, -179, -16]),
        item("west of it", west=177.0, south=-17.0),
        item("east of it", west=-178.5, south=-17.0),
        item("by its box", geometry=None, bbox=[179.5, -17, -179.5, -16]),
    ]

    features = {one["id"]: one["shape"] for one in data_of(drawn(items, area=ACROSS))["features"]}

    spans = {}
    for name, ((kind, rings),) in features.items():
        assert kind == "polygon"
        spans[name] = (min(lon for _, lon in rings[0]), max(lon for _, lon in rings[0]))
    assert spans == {
        "across": (178.5, 181.0),
        "west of it": (177.0, 178.0),
        "east of it": (181.5, 182.5),
        "by its box": (179.5, 180.5),
    }


def test_footprints_of_every_kind_are_drawn_and_bad_ones_listed():
    items = [
        item("point", geometry={"type": "Point", "coordinates": [5, 52]}),
        item("line", geometry={"type": "LineString", "coordinates": [[5, 52, 1], [6, 53, 7]]}),
        item("many", geometry={"type": "MultiPoint", "coordinates": [[5, 52], [6, 53]]}),
        item("none", geometry=None, bbox=None),
        item("bad", geometry={"type": "Polygon", "coordinates": [[[0, 0], ["x", 1]]]}),
        item("odd", geometry={"type": "Spiral"}),
        item("empty", geometry={"type": "Polygon", "coordinates": []}),
        item("round", geometry={"type": "Polygon", "coordinates": [[[at % 360 / 40, at / 100] for at in [*range(3000), 0]]]}),
    ]  # fmt: skip

    features = {one["id"]: one["shape"] for one in data_of(drawn(items))["features"]}

    assert [kind for kind, _ in features["many"]] == ["point", "point"]
    assert features["line"][0] == ["line", [[52, 5], [53, 6]]]
    assert [name for name, shape in features.items() if not shape] == ["none", "bad", "odd", "empty"]


def searching(number, ran):
    def run(_):
        for start in range(0, number, 100):
            ran.append(start)
            yield Page(items=[item(f"i{at}") for at in range(start, min(number, start + 100))])

    return ItemSearch(provider="planet", query=Query(collections=["scenes"]), pages=run, count=lambda _: None)


def test_explore_stops_where_it_is_told_to(tmp_path):
    ran = []

    made = searching(1000, ran).explore(max_items=150)
    path = made.save(tmp_path / "new" / "map.html")

    assert (made.count, made.truncated) == (150, True)
    assert len(ran) <= 4
    assert data_of(path.read_text())["truncated"] is True
    assert repr(made) == "<ItemMap of 150 items>"
    with pytest.raises(InputError, match="max_items=0"):
        searching(1, []).explore(max_items=0)


def test_notebook_shows_a_search_without_running_it():
    ran = []
    search = searching(15, ran)

    before = search._repr_html_()
    list(search.items_as_dicts())
    after = search._repr_html_()

    assert ran == [0]
    assert "Not run yet" in before
    assert "scenes" in before
    assert "15 items were found" in after
    assert "and 5 more" in after
    ET.fromstring(after)  # well formed


# --- in a browser -------------------------------------------------------------------------------------------------------

PROBE = """
addEventListener("load", () => {
  const told = {};
  const all = (selector) => [...document.querySelectorAll(selector)];
  const text = (id) => document.getElementById(id).textContent;
  const frame = () => new Promise((done) => setTimeout(done, 60));
  const key = (name) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  (async () => {
    told.title = document.title;
    told.listed = all("#items button").length;
    told.legend = all("#legend label").map((one) => one.textContent);
    told.dashes = all("#legend rect").map((one) => one.getAttribute("stroke-dasharray"));
    told.images = document.images.length;
    all("#items button")[0].focus();
    told.first = all("#details h2").map((one) => one.textContent);
    key("ArrowDown");
    told.second = document.activeElement.querySelector("span").textContent;
    key("End");
    told.last = document.activeElement.querySelector("span").textContent;
    document.activeElement.click();
    await frame();
    const box = document.getElementById("map").getBoundingClientRect();
    const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true };
    document.getElementById("map").dispatchEvent(new MouseEvent("mousemove", at));
    told.hovered = all("#details h2").map((one) => one.textContent);
    told.rows = all("#details tr").map((one) => one.textContent);
    document.getElementById("to").value = 0;
    document.getElementById("to").dispatchEvent(new Event("input"));
    await frame();
    told.earliest = all("#items button span").map((one) => one.textContent);
    told.count = text("count");
    told.spoken = document.getElementById("to").getAttribute("aria-valuetext");
    document.getElementById("to").value = 1000;
    document.getElementById("to").dispatchEvent(new Event("input"));
    await frame();
    all("#legend input")[0].click();
    told.without = text("count");
    told.unnamed = all("button, input, a[href], [role=application]").filter(
      (one) => !(one.textContent.trim() || one.getAttribute("aria-label") || one.labels?.length)).length;
    const result = document.createElement("pre");
    result.id = "told";
    result.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(told))));
    document.body.append(result);
  })();
});
"""


def browse(html, tmp_path, *options):
    """Open a page in Chromium, and give what it became and what it said."""
    path = tmp_path / "page.html"
    path.write_text(html)
    done = subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run", "--window-size=1200,800",
            f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--v=0",
            "--virtual-time-budget=10000", *options, "--dump-dom", path.as_uri(),
        ],
        capture_output=True, text=True, timeout=180, check=True,
    )  # fmt: skip
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def pictured(html, tmp_path):
    """Open a page in Chromium, and give the pixels of what it shows: rows, columns, red-green-blue."""
    images = pytest.importorskip("PIL.Image")
    np = pytest.importorskip("numpy")
    browse(html, tmp_path, f"--screenshot={tmp_path / 'page.png'}")
    with images.open(tmp_path / "page.png") as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def probed(html):
    """Add the probe, which the page's own policy would refuse."""
    digest = base64.b64encode(hashlib.sha256(PROBE.encode()).digest()).decode()
    html = html.replace("script-src ", f"script-src &#x27;sha256-{digest}&#x27; ", 1)
    return html.replace("</body>", f"<script>{PROBE}</script></body>")


@needs_browser
def test_page_works_by_mouse_keyboard_and_slider(tmp_path):
    items = [
        item(HOSTILE, day=1),
        item("second", provider="sedas", west=5.5, day=10),
        item("last", provider="capella", west=8.0, south=48.0, day=20),
    ]

    dom, said = browse(probed(drawn(items, title="Three & more")), tmp_path)

    told = json.loads(base64.b64decode(re.search(r'<pre id="told">(.*?)</pre>', dom)[1]))
    assert said == []
    assert told["title"] == "Three & more"
    assert told["listed"] == 3
    assert told["legend"] == ["planet (1)", "sedas (1)", "capella (1)"]
    assert len(set(told["dashes"])) == 3
    assert told["images"] == 0
    assert told["first"] == [HOSTILE]
    assert told["second"] == "second"
    assert told["last"] == "last"
    assert told["hovered"] == ["last"]
    assert "Cloud cover12.35 %" in told["rows"]
    assert told["earliest"] == [HOSTILE]
    assert told["count"] == "1 of 3 items"
    assert told["spoken"] == "2026-05-01 10:00"
    assert told["without"] == "2 of 3 items"
    assert told["unnamed"] == 0


@needs_browser
def test_footprints_are_painted(tmp_path):
    ring = [[3, 50], [8, 50], [8, 55], [3, 55], [3, 50]]
    area = {"type": "Polygon", "coordinates": [ring]}
    bare = pictured(drawn([item("a", geometry=None, bbox=None)], area=area), tmp_path)
    with_one = pictured(drawn([item("a")], area=area), tmp_path)

    changed = abs(with_one - bare).sum(axis=2) > 30
    assert 0.005 < changed.mean() < 0.2, "a footprint in the view that the area sets, and little else"


@needs_browser
def test_hostile_text_does_not_run_in_a_browser(tmp_path):
    html = drawn([item(HOSTILE, collection=HOSTILE, provider=HOSTILE)], title=f"fine {HOSTILE}")

    dom, said = browse(html, tmp_path)

    assert said == []
    assert re.search(r"<title>(.*?)</title>", dom, re.DOTALL)[1].startswith("fine ")
    assert "<img" not in re.sub(r"<script.*?</script>", "", dom, flags=re.DOTALL)


@needs_browser
def test_page_refuses_what_was_put_into_it_afterwards(tmp_path):
    """The policy is the second lock: were there a hole in the escaping, nothing would run or load."""
    html = drawn([item("a")], title="fine")
    html = html.replace("</body>", "<script>document.title='XSS'</script></body>")

    dom, said = browse(html, tmp_path)

    assert "<title>fine</title>" in dom
    assert any("Content Security Policy" in line for line in said)


@needs_browser
@pytest.mark.parametrize(
    "items", [[], [item("none", geometry=None, bbox=None, properties={})]], ids=["none", "unplaced"]
)
def test_page_without_footprints_says_so(tmp_path, items):
    dom, said = browse(drawn(items), tmp_path)

    assert said == []
    assert f"{len(items)} item" in re.search(r'<p id="count".*?</p>', dom)[0]


@needs_browser
def test_page_of_thousands_is_paged_and_whole(tmp_path):
    items = [item(f"i{at}", west=at % 340 - 170.0, south=at // 340 * 2 - 60.0, day=at % 28 + 1) for at in range(10_000)]

    dom, said = browse(drawn(items, most=10_000), tmp_path)

    assert said == []
    assert "10,000 items" in dom
    assert len(re.findall(r'<button[^>]* data-at="', dom)) == 100
    assert "1 to 100" in dom


# --- from the command line --------------------------------------------------------------------------------------------------


def test_command_line_draws_a_map(tmp_path, monkeypatch, capsys):
    from swath._cli import main

    with Sandbox(["planet", "sedas"], world=World(speed=500.0, rate_limits=False)) as box:
        for name, value in box.env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
        words = ["search", "planet", "sedas", "--bbox", "4,52,4.5,52.3", "-d", "2026-03-01/2026-03-20", "-n", "30"]
        code = main([*words, "--map", str(tmp_path / "out.html"), "--save", str(tmp_path / "found.parquet")])
        secrets = [value for value in box.env.values() if not value.startswith("http")]

    told = capsys.readouterr()
    found = json.loads(told.out)["features"]
    html = (tmp_path / "out.html").read_text()
    assert code == 0
    assert f"Drew {len(found)} items on" in told.err
    assert [one["id"] for one in data_of(html)["features"]] == [one["id"] for one in found]
    assert {one["provider"] for one in data_of(html)["features"]} == {"planet", "sedas"}
    assert data_of(html)["outline"][0][0] == "polygon"
    assert not [secret for secret in secrets if len(secret) > 5 and secret in html]
    assert swath.read_items(tmp_path / "found.parquet").explore().html.count("<script") == html.count("<script")
