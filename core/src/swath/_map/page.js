// SPDX-License-Identifier: Apache-2.0
// Draws the items of the page. All text comes in as text, never as HTML.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const { features, outline, truncated } = JSON.parse(byId("data").textContent);
  const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#b8499a", "#7a5c00", "#4b4bd6", "#56606b", "#a50f15"];
  const DASHES = [null, "9 5", "2 5", "12 4 2 4", "5 2", "1 4", "14 3", "3 3 9 3"];
  const PAGE = 100;
  const MOST_TOLD = 5;

  const make = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  // --- looks: a colour and a line of its own for each provider ---------------------------------------------------------

  const providers = [...new Set(features.map((one) => one.provider))];
  const look = (provider) => {
    const at = Math.max(0, providers.indexOf(provider));
    return { color: COLOURS[at % COLOURS.length], dashArray: DASHES[at % DASHES.length] };
  };
  const key = (provider) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of [["width", 38], ["height", 14], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
    const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const { color, dashArray } = look(provider);
    const drawn = { x: 2, y: 2, width: 34, height: 10, fill: color, "fill-opacity": 0.15, stroke: color, "stroke-width": 2.2 };
    if (dashArray) drawn["stroke-dasharray"] = dashArray;
    for (const [name, value] of Object.entries(drawn)) box.setAttribute(name, value);
    svg.append(box);
    return svg;
  };

  // --- map -------------------------------------------------------------------------------------------------------------

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map("map", {
    preferCanvas: true, zoomSnap: 0.25, minZoom: 0, maxZoom: 18, zoomAnimation: !still, fadeAnimation: !still,
    attributionControl: false,
  });
  L.control.attribution({ prefix: false }).addAttribution("Leaflet · land: Natural Earth").addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  for (const [name, z] of [["land", 210], ["items", 410], ["chosen", 420]]) map.createPane(name).style.zIndex = z;
  const canvas = (pane) => L.canvas({ pane, padding: 0.3 });
  const canvases = { land: canvas("land"), items: canvas("items"), chosen: canvas("chosen") };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const decode = (line) => {
    const ring = [];
    const last = [0, 0];
    for (let at = 0, axis = 0; at < line.length; axis = 1 - axis) {
      let value = 0;
      let shift = 0;
      let bits;
      do {
        bits = line.charCodeAt(at++) - 63;
        value |= (bits & 31) << shift;
        shift += 5;
      } while (bits >= 32);
      last[axis] += value & 1 ? ~(value >> 1) : value >> 1;
      if (axis) ring.push([last[1] / 100, last[0] / 100]);
    }
    return ring;
  };
  const world = [];
  for (const line of byId("land").textContent.split("\n")) {
    if (line.startsWith(" ")) world[world.length - 1].push(decode(line.slice(1)));
    else if (line) world.push([decode(line)]);
  }
  const drawLand = (turn) => {
    const moved = world.map((rings) => rings.map((ring) => ring.map(([lat, lon]) => [lat, lon + turn])));
    L.polygon(moved, {
      renderer: canvases.land, pane: "land", interactive: false, stroke: false, fillOpacity: 1, fillColor: colour("--land"),
    }).addTo(map);
  };

  const draw = (shape, pane, style) => shape.map(([kind, positions]) => {
    const options = { renderer: canvases[pane], pane, interactive: false, ...style };
    if (kind === "point") return L.circleMarker(positions, { radius: 6, ...options });
    return kind === "line" ? L.polyline(positions, { ...options, fill: false }) : L.polygon(positions, options);
  });
  for (const one of features) {
    one.layer = L.featureGroup(draw(one.shape, "items", { ...look(one.provider), weight: 1.6 }));
    one.bounds = one.shape.length ? one.layer.getBounds() : null;
  }
  // Many footprints on one place together are half opaque, so that the land and what is below them can be seen.
  const placed = features.filter((one) => one.bounds);
  const every = Math.ceil(placed.length / 100);
  const depths = placed.filter((_, at) => at % every === 0).map(({ bounds }) => placed.filter((one) => one.bounds.contains(bounds.getCenter())).length);
  const fillOpacity = Math.min(0.13, 1 - 0.5 ** (1 / Math.max(1, ...depths)));
  for (const one of features) one.layer.setStyle({ fillOpacity });
  const height = ({ bounds }) => (bounds ? bounds.getNorth() - bounds.getSouth() : 0);
  const largestFirst = [...features].sort((one, other) => height(other) - height(one));
  const area = L.featureGroup(draw(outline, "chosen", { color: colour("--accent"), weight: 2, dashArray: "1 5", fill: false }));
  area.addTo(map);
  const all = L.latLngBounds([]);
  for (const one of features) if (one.bounds) all.extend(one.bounds);
  if (outline.length) all.extend(area.getBounds());
  const reaches = all.isValid() ? [all.getWest(), all.getEast()] : [-180, 180];
  for (let turn = Math.floor((reaches[0] + 180) / 360) - 1; turn <= Math.floor((reaches[1] + 180) / 360) + 1; turn++) drawLand(turn * 360);
  const fit = (bounds, most) => map.fitBounds(bounds.pad(0.15), { maxZoom: most, animate: !still });
  if (all.isValid()) fit(all, 12);
  else map.setView([20, 0], 2);

  const where = L.control({ position: "bottomright" });
  where.onAdd = () => make("div", "", { class: "where", "aria-hidden": "true" });
  where.addTo(map);

  // --- which items are at a place -----------------------------------------------------------------------------------------

  const inRing = (ring, lat, lon) => {
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [y, x] = ring[i];
      const [v, u] = ring[j];
      if (y > lat !== v > lat && lon < ((u - x) * (lat - y)) / (v - y) + x) inside = !inside;
    }
    return inside;
  };
  const isAt = (one, at, reach) => one.shape.some(([kind, positions]) => {
    if (kind === "polygon") return positions.reduce((inside, ring) => inside !== inRing(ring, at.lat, at.lng), false);
    const points = kind === "point" ? [positions] : positions;
    return points.some(([lat, lon]) => map.latLngToContainerPoint([lat, lon]).distanceTo(reach) < 9);
  });
  const itemsAt = (event) => {
    const slack = around(event);
    return shown.filter((one) => one.bounds && one.bounds.pad(0.01).extend(one.bounds).intersects(slack) && isAt(one, event.latlng, event.containerPoint));
  };
  const around = (event) => {
    const corner = (d) => map.containerPointToLatLng(event.containerPoint.add([d, d]));
    return L.latLngBounds(corner(-9), corner(9));
  };

  // --- details ---------------------------------------------------------------------------------------------------------

  const details = byId("details");
  const chosen = L.featureGroup().addTo(map);
  let pinned = null;
  const tell = (found) => {
    chosen.clearLayers();
    details.replaceChildren();
    for (const one of found.slice(0, MOST_TOLD)) {
      details.append(make("h2", one.id));
      const table = make("table");
      for (const [name, value] of [["Provider", one.provider], ["Collection", one.collection], ["Time", one.when], ...one.rows]) {
        if (!value) continue;
        const row = make("tr");
        row.append(make("th", name, { scope: "row" }), make("td", value));
        table.append(row);
      }
      details.append(table);
      if (one.look) {
        const line = make("p");
        line.append(make("a", "Quicklook (at the provider)", { href: one.look, target: "_blank", rel: "noopener noreferrer" }));
        details.append(line);
      }
      for (const layer of draw(one.shape, "chosen", { ...look(one.provider), weight: 4, fillOpacity: 0.25 })) chosen.addLayer(layer);
    }
    if (found.length > MOST_TOLD) details.append(make("p", `and ${found.length - MOST_TOLD} more here`, { class: "soft" }));
  };
  map.on("mousemove", (event) => {
    const { lat, lng } = event.latlng.wrap();
    where.getContainer().textContent = `${Math.abs(lat).toFixed(3)}° ${lat < 0 ? "S" : "N"}, ${Math.abs(lng).toFixed(3)}° ${lng < 0 ? "W" : "E"}`;
    const found = itemsAt(event);
    if (found.length || !pinned) tell(found);
    else tell(pinned);
  });
  map.on("mouseout", () => tell(pinned || []));
  map.on("click", (event) => {
    const found = itemsAt(event);
    pinned = found.length ? found : null;
    tell(found);
    if (found.length) open(shown.indexOf(found[0]), false);
  });

  // --- list ----------------------------------------------------------------------------------------------------------------

  const list = byId("items");
  let shown = features;
  let first = 0;
  const button = (one, at) => {
    const made = make("button", undefined, { type: "button", "data-at": at });
    made.append(key(one.provider), make("span", one.id), make("small", [one.provider, one.collection, one.when].filter(Boolean).join(" · ")));
    if (!one.shape.length) made.append(make("small", "no footprint"));
    made.addEventListener("focus", () => { pinned = [one]; tell(pinned); });
    made.addEventListener("mouseenter", () => tell([one]));
    made.addEventListener("mouseleave", () => tell(pinned || []));
    made.addEventListener("click", () => {
      pinned = [one];
      tell(pinned);
      for (const other of list.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
      made.setAttribute("aria-current", "true");
      if (one.bounds) fit(one.bounds, 14);
    });
    return made;
  };
  const write = () => {
    list.replaceChildren(...shown.slice(first, first + PAGE).map((one, at) => {
      const entry = make("li");
      entry.append(button(one, first + at));
      return entry;
    }));
    list.scrollTop = 0;
    const last = Math.min(first + PAGE, shown.length);
    byId("place").textContent = shown.length ? `${(first + 1).toLocaleString("en")} to ${last.toLocaleString("en")}` : "";
    byId("previous").disabled = first === 0;
    byId("next").disabled = last >= shown.length;
  };
  const open = (at, focus) => {
    if (at < 0 || at >= shown.length) return;
    if (at < first || at >= first + PAGE) {
      first = Math.floor(at / PAGE) * PAGE;
      write();
    }
    const wanted = list.querySelector(`[data-at="${at}"]`);
    for (const other of list.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
    wanted.setAttribute("aria-current", "true");
    wanted.scrollIntoView({ block: "nearest" });
    if (focus) wanted.focus();
  };
  list.addEventListener("keydown", (event) => {
    const at = Number(event.target.closest("button")?.dataset.at);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (to === undefined || Number.isNaN(at)) return;
    event.preventDefault();
    open(to, true);
  });
  byId("previous").addEventListener("click", () => { first = Math.max(0, first - PAGE); write(); });
  byId("next").addEventListener("click", () => { first += PAGE; write(); });

  // --- which items are shown ------------------------------------------------------------------------------------------------

  const off = new Set();
  const spans = features.filter((one) => one.span).map((one) => one.span);
  let range = [Infinity, -Infinity];
  for (const [start, end] of spans) range = [Math.min(range[0], start), Math.max(range[1], end)];
  const instant = (id) => range[0] + ((range[1] - range[0]) * Number(byId(id).value)) / 1000;
  const stamp = (time) => new Date(time).toISOString().slice(0, 16).replace("T", " ");

  const choose = () => {
    const timed = spans.length > 0 && range[1] > range[0];
    const [from, to] = timed ? [instant("from"), instant("to")] : [-Infinity, Infinity];
    shown = features.filter((one) => !off.has(one.provider) && (!one.span || (one.span[1] >= from - 1 && one.span[0] <= to + 1)));
    const wanted = new Set(shown);
    for (const one of largestFirst) {
      if (wanted.has(one) && !map.hasLayer(one.layer)) map.addLayer(one.layer);
      else if (!wanted.has(one) && map.hasLayer(one.layer)) map.removeLayer(one.layer);
    }
    first = 0;
    pinned = null;
    tell([]);
    write();
    if (timed) {
      for (const id of ["from", "to"]) {
        byId(`${id}-text`).textContent = stamp(instant(id));
        byId(id).setAttribute("aria-valuetext", stamp(instant(id)));
      }
    }
    const count = features.length.toLocaleString("en");
    const all = truncated ? `the first ${count} items` : `${count} item${features.length === 1 ? "" : "s"}`;
    byId("count").textContent = shown.length === features.length ? `${all[0].toUpperCase()}${all.slice(1)}` : `${shown.length.toLocaleString("en")} of ${all}`;
  };
  for (const provider of providers) {
    const label = make("label");
    const box = make("input", undefined, { type: "checkbox", checked: "" });
    box.addEventListener("change", () => { if (box.checked) off.delete(provider); else off.add(provider); choose(); });
    label.append(box, key(provider), make("span", `${provider} (${features.filter((one) => one.provider === provider).length.toLocaleString("en")})`));
    byId("legend").append(label);
  }
  byId("legend").hidden = providers.length === 0;
  byId("times").hidden = !(spans.length && range[1] > range[0]);
  let pending = 0;
  const soon = (id, other, limit) => byId(id).addEventListener("input", () => {
    if (limit(Number(byId(id).value), Number(byId(other).value))) byId(other).value = byId(id).value;
    if (!pending) pending = setTimeout(() => { pending = 0; choose(); }, 16);
  });
  soon("from", "to", (mine, theirs) => mine > theirs);
  soon("to", "from", (mine, theirs) => mine < theirs);
  choose();
})();
