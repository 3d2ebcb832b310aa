// A Vega view that stays: only rows travel when a slider moves.
async function render({ model, el }) {
  el.dir = "ltr"; // the chart has already ordered itself for right-to-left readers
  const fonts = ["11px Heebo", "bold 14px Heebo"].map((font) => document.fonts.load(font, "aא"));
  await Promise.allSettled(fonts);
  const drawn = await vegaEmbed(el, model.get("spec"), { mode: "vega-lite", renderer: "svg", actions: false });
  const push = async () => {
    const rows = model.get("rows");
    for (const name of Object.keys(rows)) drawn.view.data(name, rows[name]);
    await drawn.view.runAsync();
  };
  model.on("change:rows", push);
  await push();
  return () => {
    model.off("change:rows", push);
    drawn.finalize();
  };
}
export default { render };
