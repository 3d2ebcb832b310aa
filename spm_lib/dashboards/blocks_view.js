// Blocks of a report, live: a number opens the deals behind it, files come as bytes over the page's own line.
function render({ model, el }) {
  const make = (name, more) => Object.assign(document.createElement(name), more);
  const shown = make("div", { className: "spm-shown" });
  const dialog = make("dialog", { className: "spm-dialog" });
  const heading = make("h2", { id: `spm-deals-${Math.random().toString(36).slice(2)}` });
  const rows = make("div", { className: "spm-dialog-rows" });
  const close = make("button", { type: "button", className: "spm-close" });
  const save = make("button", { type: "button", className: "spm-save" });
  const foot = make("div", { className: "spm-dialog-foot" });
  foot.append(save, close);
  dialog.append(heading, rows, foot);
  dialog.setAttribute("aria-labelledby", heading.id);
  el.classList.add("spm-blocks");
  el.append(shown, dialog);
  requestAnimationFrame(() => el.closest(".spm-page")?.setAttribute("role", "main"));
  let opener = null;

  const draw = () => { shown.innerHTML = model.get("html"); };
  const busy = () => { el.setAttribute("aria-busy", String(model.get("busy"))); };
  const words = () => {
    const told = model.get("words");
    close.textContent = told.close;
    save.textContent = told.save;
    dialog.dir = told.direction;
  };
  const ask = (event) => {
    const button = event.target.closest("button[data-open]");
    if (!button) return;
    opener = button;
    model.send({ open: button.dataset.open });
  };
  const file = (told, bytes) => {
    const address = URL.createObjectURL(new Blob([bytes], { type: told.type }));
    const link = make("a", { href: address, download: told.name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  };
  const told = (message, buffers) => {
    if (message.kind === "file") return file(message, buffers[0]);
    if (message.kind !== "deals") return;
    heading.textContent = message.title;
    rows.innerHTML = message.html;
    if (!dialog.open) dialog.showModal();
    close.focus();
  };
  const shut = () => dialog.close();
  const back = () => { if (opener && opener.isConnected) opener.focus(); };
  const keep = () => model.send({ save: "deals" });

  shown.addEventListener("click", ask);
  close.addEventListener("click", shut);
  save.addEventListener("click", keep);
  dialog.addEventListener("close", back);
  model.on("change:html", draw);
  model.on("change:busy", busy);
  model.on("msg:custom", told);
  words();
  draw();
  busy();
  return () => {
    model.off("change:html", draw);
    model.off("change:busy", busy);
    model.off("msg:custom", told);
  };
}
export default { render };
