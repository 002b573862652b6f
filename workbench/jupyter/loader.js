/**
 * Brings a view into a notebook. The view's bundle comes from Python as a message, not as part of the widget's state,
 * so a saved notebook does not carry it; until it is here, the saved picture below the widget stays in sight.
 */
const loaded = (window.__musicWorkbenchBundles ??= {});

/** The view's module; once for all widgets of the page. */
function bundle(model) {
  const name = model.get("bundle"), key = `${name}@${model.get("fingerprint")}`;
  if (loaded[key]) return Promise.resolve(loaded[key]);
  return new Promise((resolve, reject) => {
    const receive = (content, buffers) => {
      if (content?.type !== "asset" || content.name !== name) return;
      model.off("msg:custom", receive);
      if (!content.found || !buffers?.[0]) return reject(new Error(`${name} is missing`));
      const url = URL.createObjectURL(new Blob([buffers[0]], { type: "text/javascript" }));
      import(url).then((view) => resolve((loaded[key] ??= view)), reject).finally(() => URL.revokeObjectURL(url));
    };
    model.on("msg:custom", receive);
    model.send({ type: "asset", name });
  });
}

/** Hide the saved picture for as long as a live view is on the page. */
function hideSaved(app, signal) {
  const style = document.createElement("style");
  style.textContent = `.wb-saved-${app} { display: none !important; }`;
  document.head.append(style);
  signal.addEventListener("abort", () => style.remove());
}

export default {
  render({ model, el, signal }) {
    const gone = new AbortController();
    signal?.addEventListener("abort", () => gone.abort());
    const words = model.get("words");
    const patience = setTimeout(() => (el.textContent = words.waiting), 800);
    for (const view of ["roll", "genie"]) el.style.setProperty(`--wb-${view}-height`, `${model.get("height")}px`);
    // The keys of an instrument are no shortcuts of the notebook; Jupyter asks for the attribute, others listen.
    el.setAttribute("data-lm-suppress-shortcuts", "true");
    for (const type of ["keydown", "keyup", "keypress", "paste", "copy", "cut"]) {
      el.addEventListener(type, (event) => event.stopPropagation(), { signal: gone.signal });
    }
    bundle(model).then(
      (view) => {
        clearTimeout(patience);
        if (gone.signal.aborted) return;
        el.textContent = "";
        hideSaved(model.get("app"), gone.signal);
        view.default.render({ model, el, signal: gone.signal });
      },
      () => {
        clearTimeout(patience);
        el.textContent = words.missing;
      },
    );
    return () => gone.abort();
  },
};
