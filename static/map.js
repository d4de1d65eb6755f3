// The map: who is late where, and where colleagues are. Leaflet draws, the API says what; the names
// of branches and quarters lie under it, so that it can be read without a server of streets.
(function () {
  "use strict";
  var DEEP = 17;  // from this zoom on a group is a house: it is opened, not entered
  var told = JSON.parse(document.getElementById("map-told").textContent);
  var said = document.getElementById("map-said");
  var days = document.getElementById("min-days");
  var map = L.map("map", { maxZoom: 19, attributionControl: Boolean(told.tiles) });
  var late = L.layerGroup().addTo(map);
  var people = L.layerGroup().addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (told.tiles) L.tileLayer(told.tiles, { maxZoom: 19, attribution: told.source }).addTo(map);

  function element(name, classes, text) {
    var made = document.createElement(name);
    made.className = classes;
    made.textContent = text;
    return made;
  }
  function icon(classes, text) {
    return L.divIcon({ className: "", html: element("span", classes, text), iconSize: null });
  }
  function word(name, values) {
    return told.words[name].replace(/%\((\w+)\)s/g, function (_all, key) { return values[key]; });
  }
  function grouped(amount) {
    return String(amount).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  }

  var names = told.ground.map(function (name) {
    return L.marker([name.latitude, name.longitude], { icon: icon("name " + name.kind, name.name), interactive: false, keyboard: false, zIndexOffset: -1000 });
  });
  var corners = names.map(function (name) { return name.getLatLng(); });
  map.fitBounds(corners.length ? L.latLngBounds(corners).pad(0.1) : [[7.2, -15.1], [12.7, -7.6]], { maxZoom: 14 });
  names.forEach(function (name) { name.addTo(map); });

  // Of names that lie on one another the first is read: branches, then the largest quarters.
  function thin() {
    var read = [];
    names.forEach(function (name) {
      var box = name.getElement().firstChild.getBoundingClientRect();
      var free = read.every(function (other) {
        return box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom;
      });
      name.getElement().style.visibility = free ? "" : "hidden";
      if (free) read.push(box);
    });
  }
  map.on("zoomend", thin);
  thin();

  function ask(address, values) {
    var query = new URLSearchParams(values);
    if (told.site) query.set("site", told.site);
    return fetch(address + "?" + query, { headers: { Accept: "application/json" } }).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status);
      return answer.json();
    });
  }
  function failed() {
    said.textContent = told.words.failed;
  }

  // Late tenants: of the part that is seen, gathered as the zoom asks
  function line(properties) {
    var row = document.createElement("li");
    var link = element("a", "", properties.name);
    link.href = told.tenant.replace("/0", "/" + properties.tenant);
    row.append(link, " · " + grouped(properties.amount) + " " + properties.currency + " · " + word("late", { days: properties.days_late }));
    return row;
  }
  function open(marker, features) {
    var list = element("ul", "late-list", "");
    features.forEach(function (one) { list.append(line(one.properties)); });
    marker.bindPopup(list, { maxHeight: 260 }).openPopup();
  }
  function enter(marker, properties) {
    var at = marker.getLatLng();
    if (properties.count === 1) return open(marker, [{ properties: properties }]);
    if (map.getZoom() < DEEP) return map.setView(at, Math.min(DEEP, map.getZoom() + 2));
    var side = 360 / 256 / Math.pow(2, map.getZoom()) * 56;
    return ask(told.late, { bbox: [at.lng - side, at.lat - side, at.lng + side, at.lat + side], min_days: days.value })
      .then(function (found) { open(marker, found.features); })
      .catch(failed);
  }
  function draw(found) {
    late.clearLayers();
    var number = 0;
    found.features.forEach(function (one) {
      var properties = one.properties;
      var place = one.geometry.coordinates;
      var title = properties.name || word("tenants", { number: properties.count });
      var text = properties.count > 1 ? properties.count : "";
      var marker = L.marker([place[1], place[0]], { icon: icon("spot " + properties.priority, text), title: title, alt: title, zIndexOffset: properties.days_late });
      marker.on("click", function () { enter(marker, properties); });
      late.addLayer(marker);
      number += properties.count;
    });
    said.textContent = number ? word("tenants", { number: number }) : told.words.nobody;
  }
  var turn = 0;
  function look() {
    var mine = ++turn;
    var seen = map.getBounds().pad(0.2);
    ask(told.late, { bbox: seen.toBBoxString(), zoom: map.getZoom(), min_days: days.value })
      .then(function (found) { if (mine === turn) draw(found); })
      .catch(failed);
  }
  map.on("moveend", look);
  days.addEventListener("change", look);

  // Colleagues
  function show(found) {
    people.clearLayers();
    found.results.forEach(function (one) {
      var ago = Math.max(0, Math.round((Date.now() - Date.parse(one.taken_at)) / 60000));
      var title = one.name + ", " + word("minutes", { minutes: ago });
      people.addLayer(L.marker([one.latitude, one.longitude], { icon: icon("spot person", one.name.charAt(0)), title: title, alt: title, zIndexOffset: 1000 }));
    });
  }
  function find() {
    ask(told.positions, {}).then(show).catch(failed);
  }
  look();
  find();
  document.body.addEventListener("live-position", find);
  setInterval(find, 60000);
})();
