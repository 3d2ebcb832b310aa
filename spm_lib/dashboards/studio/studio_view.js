// A page of levers: levers, pictures and a table of people on one line to the server.
// "shows" lists the columns of people that are only read; without it they are the studio's to edit.
// One question is under way at a time; of what is moved meanwhile only the last value is asked.
const make = (name, more = {}, ...children) => {
  const made = Object.assign(document.createElement(name), more);
  made.append(...children);
  return made;
};
const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
const REST = 120, HELD = 900; // milliseconds without a move, after which the settled answer is asked
const MANY = 150; // people, from whom on a chart of them is drawn as a picture, not as as many elements
const NEAR = "800px 0px"; // how far from sight a line gets its inputs

async function render({ model, el }) {
  const words = model.get("words");
  el.classList.add("spm-studio");
  el.dir = words.direction;
  el.lang = words.language;

  // ---- one line to the server: the last value wins
  let moves = 0, flying = 0, wanted = null, timer = 0, seq = 0, sent = 0, held = false;
  const values = {};
  const seen = new Set(); // people in sight: while a lever moves only their lines are told
  const sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) seen.add(target.dataset.rep);
      else seen.delete(target.dataset.rep);
    }
  });
  let left = false; // nobody answers a page that is being left: its kernel is gone before it
  addEventListener("pagehide", () => { left = true; });
  const pump = () => {
    if (flying || !wanted || left) return;
    flying = ++seq;
    sent = performance.now();
    model.send({ ask: { ...wanted, values: { ...values }, moves, seq, seen: [...seen] } });
    wanted = null;
  };
  const ask = (more = {}) => {
    clearTimeout(timer);
    wanted = { settled: false, edits: [], ...wanted, ...more };
    pump();
  };
  const settle = () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask({ settled: true }), held ? HELD : REST);
  };
  const moved = () => {
    moves += 1;
    el.setAttribute("aria-busy", "true");
    el.dataset.settled = "false";
    ask();
  };
  const edit = (rep, field, value, cell) => {
    moves += 1;
    el.setAttribute("aria-busy", "true");
    el.dataset.settled = "false";
    delete cell.dataset.typing;
    ask({ settled: true, edits: [...((wanted && wanted.edits) || []), { rep, field, value }] });
  };

  // ---- parts of the page
  const alert = make("p", { className: "spm-said studio-alert", dir: "auto" });
  alert.setAttribute("role", "alert");
  const status = make("p", { className: "studio-status", dir: "auto" });
  status.setAttribute("role", "status");
  const levers = make("form", { className: "studio-levers", onsubmit: () => false });
  levers.setAttribute("aria-label", words.levers);
  const tiles = make("dl", { className: "studio-tiles" });
  const charts = make("div", { className: "studio-charts" });
  const told = make("div", { className: "studio-told" });
  const people = make("table", { className: "studio-people" });
  const scroller = make("div", { className: "studio-scroll", tabIndex: 0 }, people);
  scroller.setAttribute("role", "region");
  scroller.setAttribute("aria-label", words.people);
  const bar = make("div", { className: "studio-bar", role: "group" });
  const picture = make("section", { className: "studio-picture" }, tiles, charts);
  picture.setAttribute("aria-label", words.picture);
  el.append(
    bar, status, alert, make("div", { className: "studio-main" }, levers, picture), told,
    make("h2", { textContent: words.people }), scroller,
  );

  // ---- levers
  let sliders = {};
  const drawLevers = () => {
    sliders = {};
    for (const name of Object.keys(values)) delete values[name];
    levers.replaceChildren();
    let group = null, name = null;
    for (const lever of model.get("levers")) {
      if (lever.group !== name) {
        name = lever.group;
        group = make("fieldset", {}, make("legend", { textContent: name }));
        levers.append(group);
      }
      const id = `lever-${lever.name}`;
      const shown = make("output", { htmlFor: id, textContent: lever.told });
      const slider = make("input", {
        type: "range", id, min: lever.low, max: lever.high, step: lever.step,
      });
      slider.value = lever.value;
      slider.dataset.lever = lever.name;
      slider.setAttribute("aria-valuetext", lever.told);
      values[lever.name] = lever.value;
      slider.addEventListener("input", () => { values[lever.name] = Number(slider.value); moved(); });
      const label = make("label", { htmlFor: id, textContent: lever.label });
      group.append(make("div", { className: "studio-lever" }, label, make("bdi", {}, shown), slider));
      sliders[lever.name] = { slider, shown };
    }
  };

  levers.addEventListener("pointerdown", () => { held = true; });
  const released = () => {
    if (!held) return;
    held = false;
    if (!flying && el.dataset.settled === "false") settle();
  };
  window.addEventListener("pointerup", released);
  window.addEventListener("pointercancel", released);

  // ---- charts
  const fonts = ["11px Heebo", "bold 14px Heebo"].map((font) => document.fonts.load(font, "aא"));
  await Promise.allSettled(fonts);
  const drawn = {};
  const embed = async (name) => {
    const place = make("div", { className: "spm-chart studio-chart" });
    charts.append(place);
    const made = await vegaEmbed(place, model.get("specs")[name], {
      mode: "vega-lite", actions: false,
      renderer: model.get("people").length > MANY ? "canvas" : "svg",
    });
    drawn[name] = made.view;
  };
  const embedAll = async () => {
    for (const name of Object.keys(drawn)) {
      drawn[name].finalize();
      delete drawn[name];
    }
    charts.replaceChildren();
    for (const name of Object.keys(model.get("specs"))) await embed(name);
  };

  // ---- people: inputs are made once a line comes near; hundreds of hidden ones cost every repaint
  let lines = {};
  const columns = words.columns;
  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) equip(target.dataset.rep);
  }, { root: scroller, rootMargin: NEAR });
  const drawPeople = () => {
    lines = {};
    sight.disconnect();
    near.disconnect();
    seen.clear();
    const head = make("tr", {}, ...columns.map((title) => make("th", { scope: "col", textContent: title })));
    const body = make("tbody");
    for (const person of model.get("people")) body.append(line(person));
    people.replaceChildren(make("thead", {}, head), body);
  };
  const line = (person) => {
    const cells = {};
    const text = (name, kind = "") => {
      cells[name] = make("bdi");
      return make("td", { className: kind }, cells[name]);
    };
    const name = make("th", { scope: "row" }, make("bdi", { textContent: person.name }),
      make("small", { textContent: person.team }));
    if (words.shows) {
      const row = make("tr", {}, name, ...words.shows.map((one) => text(one, "number")));
      return kept(row, cells, person);
    }
    const odds = make("td", { className: "odds" });
    cells.bar = make("span", { className: "bar" });
    cells.odds = make("bdi");
    odds.append(make("span", { className: "track", ariaHidden: "true" }, cells.bar), cells.odds);
    const row = make("tr", {},
      name, text("target", "number"), text("asked", "number"), odds, text("range", "number"),
      make("td"), make("td"), make("td", { className: "leave" }), make("td"),
    );
    return kept(row, cells, person);
  };
  const kept = (row, cells, person) => {
    [...row.children].forEach((cell, n) => { cell.dataset.title = columns[n]; });
    lines[person.id] = { row, cells, person, bare: !words.shows, told: {} };
    row.dataset.rep = person.id;
    sight.observe(row);
    if (!words.shows) near.observe(row);
    return row;
  };
  const equip = (id) => { // give a line its inputs
    const found = lines[id];
    if (!found || !found.bare) return;
    const { row, cells, person } = found;
    const field = (name, type, label, more = {}) => {
      const input = make("input", { type, ...more });
      input.setAttribute("aria-label", `${label}, ${person.name}`);
      const value = () => (type === "checkbox" ? input.checked : input.value);
      input.addEventListener("input", () => { input.dataset.typing = "true"; });
      input.addEventListener("change", () => edit(id, name, value(), input));
      cells[name] = input;
      return input;
    };
    const [own, locked, leave, note] = [...row.children].slice(5);
    own.append(field("value", "text", columns[5], { inputMode: "decimal", size: 10, dir: "ltr" }));
    locked.append(field("locked", "checkbox", columns[6]));
    leave.append(field("away_from", "date", columns[7]), field("away_until", "date", words.until));
    note.append(field("note", "text", columns[8], { size: 14, dir: "auto", maxLength: 500 }));
    found.bare = false;
    near.unobserve(row);
    write(found, found.told);
  };
  const write = ({ cells }, told) => { // what the inputs of a line say
    for (const [name, value] of Object.entries(told)) {
      const input = cells[name];
      if (input.matches("[aria-invalid]") || input.dataset.typing) continue; // what is being written stays
      if (input.type === "checkbox") input.checked = value;
      else if (input.value !== value) input.value = value;
    }
  };
  const posts = (now) => { // open posts come and go with the levers of hiring
    const body = people.tBodies[0], here = new Set(now.map((post) => post.id));
    const known = new Set(model.get("people").map((person) => person.id));
    for (const id of Object.keys(lines)) {
      if (here.has(id) || known.has(id)) continue;
      sight.unobserve(lines[id].row);
      near.unobserve(lines[id].row);
      seen.delete(id);
      lines[id].row.remove();
      delete lines[id];
    }
    for (const post of now) if (!lines[post.id]) body.append(line(post));
  };
  const fill = (person) => {
    const found = lines[person.id];
    if (!found) return;
    const { row, cells } = found;
    for (const name of words.shows || ["target", "asked", "odds", "range"]) {
      if (name in person) put(cells[name], person[name]);
    }
    if ("share" in person) cells.bar.style.inlineSize = `${100 * (person.share ?? 0)}%`;
    if ("stretched" in person) row.classList.toggle("stretched", person.stretched);
    if (!person.cells) return;
    if (found.bare) found.told = person.cells;
    else write(found, person.cells);
  };
  let marked = [];
  const mark = (faults) => {
    for (const old of marked) old.removeAttribute("aria-invalid");
    for (const { rep } of faults) equip(rep);
    marked = faults.map(({ rep, field }) => lines[rep] && lines[rep].cells[field]).filter(Boolean);
    for (const input of marked) input.setAttribute("aria-invalid", "true");
  };

  // ---- answers
  const show = async (answer) => {
    put(alert, answer.fault || "");
    mark(answer.faults || []);
    for (const [name, shown] of Object.entries(answer.levers || {})) {
      if (!sliders[name]) continue;
      put(sliders[name].shown, shown);
      sliders[name].slider.setAttribute("aria-valuetext", shown);
    }
    if (answer.tiles) {
      const made = answer.tiles.map((tile) => [tile.name, tile.value, tile.note]);
      if (tiles.children.length !== made.length) {
        tiles.replaceChildren(...made.map(([name]) => make("div", {},
          make("dt", { textContent: name }), make("dd", { className: "value" }, make("bdi")),
          make("dd", { className: "note" }, make("span")))));
      }
      made.forEach(([name, value, note], n) => {
        const [dt, dd, small] = tiles.children[n].children;
        put(dt, name); put(dd.firstChild, value); put(small.firstChild, note);
      });
    }
    if (answer.posts) posts(answer.posts);
    for (const person of answer.people || []) fill(person);
    if (answer.told !== undefined) told.innerHTML = answer.told;
    const views = Object.entries(answer.rows || {}).filter(([name]) => drawn[name]);
    for (const [name, rows] of views) drawn[name].data("rows", rows);
    await Promise.all(views.map(([name]) => drawn[name].runAsync()));
  };
  let painting = Promise.resolve();
  const answered = async (answer) => { // the next question travels while this answer is painted
    const took = sent;
    await painting;
    flying = 0;
    pump();
    painting = show(answer);
    await painting;
    const last = answer.settled && answer.moves === moves;
    el.dataset.settled = String(last);
    if (last) el.setAttribute("aria-busy", "false");
    requestAnimationFrame(() => el.dispatchEvent(new CustomEvent("painted", {
      bubbles: true,
      detail: {
        moves: answer.moves, settled: answer.settled, fault: !!answer.fault,
        took: performance.now() - took,
      },
    })));
    if (!flying && !wanted && !answer.settled) settle();
  };

  // ---- keeping: save, load, compare, reset, files
  const button = (label, act) => {
    const made = make("button", { type: "button", textContent: label });
    made.addEventListener("click", act);
    return made;
  };
  const name = make("input", { type: "text", placeholder: words.name, dir: "auto", maxLength: 80 });
  name.setAttribute("aria-label", words.name);
  const saved = make("select", { dir: "auto" });
  saved.setAttribute("aria-label", words.saved);
  const names = () => {
    const before = saved.value;
    saved.replaceChildren(...["", ...model.get("saved")].map((one) =>
      make("option", { value: one, textContent: one || words.saved })));
    saved.value = before;
  };
  const act = (what, more = {}) => {
    put(status, "");
    put(alert, "");
    model.send({ act: what, ...more });
  };
  if (words.keeps) {
    bar.append(
      name, button(words.save, () => act("save", { name: name.value })),
      saved, button(words.load, () => act("load", { name: saved.value })),
      button(words.compare, () => act("compare", { name: saved.value })),
    );
  }
  bar.append(
    button(words.reset, () => act("reset")),
    button(words.excel, () => act("excel")),
    button(words.file, () => act("file")),
  );
  const file = (message, bytes) => {
    const address = URL.createObjectURL(new Blob([bytes], { type: message.type }));
    const link = make("a", { href: address, download: message.name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  };

  const heard = (message, buffers) => {
    if (message.kind === "answer") answered(message);
    else if (message.kind === "picture") show(message);
    else if (message.kind === "file") file(message, buffers[0]);
    else if (message.kind === "said") {
      put(message.good ? status : alert, message.text);
      put(message.good ? alert : status, "");
    } else if (message.kind === "begin") {
      drawLevers();
      drawPeople();
      wanted = null;
      moves += 1;
      el.dataset.settled = "false";
      el.setAttribute("aria-busy", "true");
      ask({ settled: true });
    }
  };
  model.on("msg:custom", heard);
  model.on("change:saved", names);
  model.on("change:people", drawPeople);
  const redraw = () => { painting = painting.then(embedAll); };
  model.on("change:specs", redraw); // another scenario has other months
  names();
  drawLevers();
  drawPeople();
  ask();
  await embedAll();
  el.dataset.ready = "true";
  ask({ settled: false });
  return () => {
    clearTimeout(timer);
    sight.disconnect();
    near.disconnect();
    window.removeEventListener("pointerup", released);
    window.removeEventListener("pointercancel", released);
    model.off("msg:custom", heard);
    model.off("change:people", drawPeople);
    model.off("change:saved", names);
    model.off("change:specs", redraw);
    for (const view of Object.values(drawn)) view.finalize();
  };
}
export default { render };
