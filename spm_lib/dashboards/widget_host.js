// Shows a page of ours whose widgets are boxes, pieces of text and anywidgets, without the second
// that Voila's own manager takes to start. It speaks Jupyter's messages (5.3) and the comms of
// ipywidgets (2.1).
const spmHost = (() => {
  const OUTPUT = "script[type='application/vnd.voila.cell-output+json']";
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const PROTOCOL = "v1.kernel.websocket.jupyter.org";
  const TRIES = 6, FIRST = 500, LONGEST = 8000; // to connect again, the pauses in milliseconds
  const PATIENCE = 20000; // with a kernel that says nothing to what it was asked
  const GONE = ["restarting", "autorestarting", "dead"]; // a new kernel knows nothing of the page
  const newId = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`.replace(".", "");
  const session = newId();
  const models = new Map();
  const waiting = [];
  let socket = null, told = null, leaving = false, failed = 0, control = "", ready = null, asking = 0;

  // ---- the line to the kernel
  const config = () => {
    told ??= JSON.parse(document.getElementById("jupyter-config-data").textContent);
    return told;
  };
  const say = (msg_type, content, metadata = {}) => {
    const date = new Date().toISOString();
    const header = { msg_id: newId(), msg_type, session, username: "", version: "5.3", date };
    const bytes = packed("shell", header, {}, metadata, content);
    if (socket?.readyState === WebSocket.OPEN) socket.send(bytes);
    else waiting.push(bytes);
    clearTimeout(asking);
    asking = setTimeout(isThere, PATIENCE);
  };
  const isThere = async () => {
    const { baseUrl, kernelId } = config();
    const answer = await fetch(`${baseUrl}api/kernels/${kernelId}`).catch(() => null);
    if (!answer?.ok || !models.size) lost();
  };
  // A message on the line: how many places, the places, and from each to the next a part of it: the
  // channel, its header, that of what it answers, metadata, content, buffers.
  const packed = (channel, ...dicts) => {
    const texts = [channel, ...dicts.map((dict) => JSON.stringify(dict))];
    const parts = texts.map((text) => new TextEncoder().encode(text));
    const places = [8 * (parts.length + 2)];
    for (const part of parts) places.push(places.at(-1) + part.length);
    const bytes = new Uint8Array(places.at(-1));
    const view = new DataView(bytes.buffer);
    [places.length, ...places].forEach((at, i) => view.setBigUint64(8 * i, BigInt(at), true));
    parts.forEach((part, i) => bytes.set(part, places[i]));
    return bytes;
  };
  const unpacked = (bytes) => {
    const view = new DataView(bytes);
    const number = (i) => Number(view.getBigUint64(8 * i, true));
    const places = Array.from({ length: number(0) }, (_, i) => number(i + 1));
    const parts = places.slice(0, -1).map((at, i) => new DataView(bytes, at, places[i + 1] - at));
    const [, header, , , content, ...buffers] = parts;
    const read = (part) => JSON.parse(new TextDecoder().decode(part));
    return { header: read(header), content: read(content), buffers };
  };
  const connect = () => {
    if (socket || leaving) return;
    addEventListener("pagehide", leave);
    const { baseUrl, kernelId } = config();
    const address = `${baseUrl}api/kernels/${kernelId}/channels?session_id=${session}`;
    socket = new WebSocket(new URL(address, location.href.replace(/^http/, "ws")), PROTOCOL);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      failed = 0;
      for (const bytes of waiting.splice(0)) socket.send(bytes);
    };
    socket.onmessage = ({ data }) => heard(unpacked(data));
    socket.onclose = () => { // the server keeps for the session what it says meanwhile
      socket = null;
      failed += 1;
      if (leaving) return;
      if (failed > TRIES) lost();
      else setTimeout(connect, Math.min(FIRST * 2 ** (failed - 1), LONGEST));
    };
  };
  const lost = () => {
    if (leaving || document.querySelector(".spm-lost")) return;
    const notice = document.createElement("p");
    notice.className = "spm-lost";
    notice.setAttribute("role", "alert");
    notice.textContent = document.documentElement.dataset.lost;
    document.body.prepend(notice);
  };

  // ---- what the kernel's widgets hold
  const heard = ({ header, content, buffers }) => {
    clearTimeout(asking);
    if (header.msg_type === "status" && GONE.includes(content.execution_state)) lost();
    if (header.msg_type !== "comm_msg") return;
    const { method, ...data } = content.data;
    if (content.comm_id === control) {
      if (method !== "update_states") return;
      for (const [id, { model_name, state }] of Object.entries(data.states)) {
        models.set(id, modelOf(id, model_name, state));
      }
      ready();
      return;
    }
    const model = models.get(content.comm_id);
    if (!model) return;
    if (method === "update") model.take(data.state);
    else if (method === "custom") model.emit("msg:custom", data.content, buffers);
  };
  const modelOf = (id, kind, state) => {
    const calls = new Map();
    const emit = (name, ...given) => {
      for (const call of [...(calls.get(name) ?? [])]) call(...given);
    };
    return {
      kind,
      emit,
      take: (news) => {
        Object.assign(state, news);
        for (const name of Object.keys(news)) emit(`change:${name}`);
      },
      get: (name) => state[name],
      on: (name, call) => calls.set(name, new Set(calls.get(name)).add(call)),
      off: (name, call) => calls.get(name)?.delete(call),
      send: (content) => say("comm_msg", { comm_id: id, data: { method: "custom", content } }),
    };
  };
  const asked = () => new Promise((resolve) => {
    ready = resolve;
    control = newId();
    const target = { comm_id: control, target_name: "jupyter.widget.control", data: {} };
    say("comm_open", target, { version: "1.0.0" });
    say("comm_msg", { comm_id: control, data: { method: "request_states" } });
  });

  // ---- how they look
  const place = (model, name) => {
    const made = document.createElement("div");
    const classed = () => { made.className = [name, ...model.get("_dom_classes")].join(" "); };
    model.on("change:_dom_classes", classed);
    classed();
    return made;
  };
  const box = async (model) => {
    const made = place(model, "spm-column");
    const inside = model.get("children").map((one) => models.get(one.replace("IPY_MODEL_", "")));
    made.append(...await Promise.all(inside.map(shown)));
    return made;
  };
  const text = (model) => {
    const made = place(model, "spm-text");
    const write = () => { made.innerHTML = model.get("value"); };
    model.on("change:value", write);
    write();
    return made;
  };
  const view = async (model) => {
    const made = place(model, "spm-view");
    const style = document.createElement("style");
    style.textContent = model.get("_css") ?? "";
    document.head.append(style);
    const address = URL.createObjectURL(new Blob([model.get("_esm")], { type: "text/javascript" }));
    const { default: script } = await import(address);
    URL.revokeObjectURL(address);
    script.render({ model, el: made });
    return made;
  };
  const KINDS = { VBoxModel: box, HTMLModel: text, AnyModel: view };
  const shown = (model) => KINDS[model.kind](model);

  const show = async () => {
    const places = [...document.querySelectorAll(OUTPUT)];
    if (places.length) { // else the notebook stopped, and says why
      connect();
      await asked();
    }
    for (const one of places) {
      const { model_id } = JSON.parse(one.textContent).data[VIEW];
      one.replaceWith(await shown(models.get(model_id)));
    }
    document.getElementById("loading").remove();
    document.getElementById("rendered_cells").style.display = "";
  };
  const leave = () => {
    leaving = true;
    const { baseUrl, kernelId } = config();
    const token = /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";
    fetch(`${baseUrl}voila/api/shutdown/${kernelId}`, {
      method: "POST", keepalive: true, headers: { "X-XSRFToken": token },
    }).catch(() => {}); // it is culled then
  };
  addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
  return { connect, show };
})();
