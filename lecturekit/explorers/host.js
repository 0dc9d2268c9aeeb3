// Runs explorers with no kernel: gives their module the same `model` that anywidget would.

/** The state as Python wrote it; bytes come as they come from anywidget. */
const stateOf = (text) =>
  JSON.parse(text, (_, value) => {
    if (!value || typeof value.base64 !== "string") return value;
    const bytes = Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0));
    return new DataView(bytes.buffer);
  });

const modelOf = (state) => {
  const listeners = new Map();
  const heard = (event) => listeners.get(event) ?? [];
  return {
    get: (key) => state[key],
    set(key, value) {
      if (state[key] === value) return;
      state[key] = value;
      for (const callback of heard(`change:${key}`)) callback();
    },
    save_changes() {},
    send() {},
    on: (event, callback) => listeners.set(event, [...heard(event), callback]),
    off(event, callback) {
      const kept = heard(event).filter((other) => callback && other !== callback);
      listeners.set(event, kept);
    },
  };
};

/** Starts every explorer of this name on the page; each one's state stands in its element. */
export default function host(module, name, css) {
  const start = (el) => {
    const state = el.querySelector('script[type="application/json"]');
    if (!state || el.dataset.started) return; // it comes later, with an event
    el.dataset.started = "true";
    const model = modelOf(stateOf(state.textContent));
    el.replaceChildren();
    // A page that wants to look inside (our browser tests) finds the model on its element.
    el.lkModel = model;
    module.render({ model, el });
  };

  const startAll = () => document.querySelectorAll(`[data-explorer="${name}"]`).forEach(start);
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
  document.addEventListener("lk-state", startAll);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startAll);
  else startAll();
}
