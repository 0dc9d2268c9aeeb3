// Runs one explorer with no kernel: gives its module the same `model` that anywidget would.
// The three capitalised slots are filled by Explorer.to_html.
(() => {
  const start = (el) => {
    el.dataset.started = "true";
    const state = JSON.parse(__STATE__, (key, value) => {
      if (!value || typeof value.base64 !== "string") return value;
      const bytes = Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0));
      return new DataView(bytes.buffer);
    });
    const listeners = new Map();
    const emit = (event) => (listeners.get(event) ?? []).forEach((callback) => callback());
    const model = {
      get: (key) => state[key],
      set(key, value) {
        if (state[key] === value) return;
        state[key] = value;
        emit(`change:${key}`);
      },
      save_changes() {},
      send() {},
      on(event, callback) {
        listeners.set(event, [...(listeners.get(event) ?? []), callback]);
      },
      off(event, callback) {
        const kept = (listeners.get(event) ?? []).filter((c) => callback && c !== callback);
        listeners.set(event, kept);
      },
    };
    const module = (() => {
      __MODULE__
    })();
    el.replaceChildren();
    // A page that wants to look inside (our browser tests) finds the model on its element.
    el.lkModel = model;
    module.render({ model, el });
  };
  // The same explorer may stand on a page twice: whichever script runs first starts them all.
  const startAll = () =>
    document.querySelectorAll('[data-key="__KEY__"]:not([data-started])').forEach(start);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startAll);
  else startAll();
})();
