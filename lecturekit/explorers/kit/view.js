// One view of an explorer: its shell on the page, the state that it shares with Python and with
// other views, what it says aloud, and all that must stop when it goes.

import { h } from "./dom.js";
import { throttle } from "./timing.js";

/** A labelled group with its text equivalent folded below; returns [group, place to build in]. */
function shell(model, name) {
  const body = h("div", { class: "lk-body" });
  const words = h(
    "details",
    { class: "lk-about" },
    h("summary", {}, "What this shows, in words"),
    h("p", {}, model.get("description")),
  );
  const label = { class: `lk-root lk-${name}`, "aria-label": model.get("label") };
  return [h("section", label, body, words), body];
}

/** Opens a view in `el`; `name` is the explorer's. What `render` returns is the view's `close`. */
export function openView({ model, el }, name) {
  const [root, body] = shell(model, name);
  el.append(root);
  const save = throttle(() => model.save_changes(), 100);
  const stops = [];
  let closed = false;
  const get = (key) => {
    const value = model.get(key);
    if (value === undefined) throw new Error(`${name}: no trait '${key}' that is synced`);
    return value;
  };

  const view = {
    body,
    get,
    /** Several values at once: read("t", "y") is { t: 3, y: 7 }. */
    read: (...keys) => Object.fromEntries(keys.map((key) => [key, get(key)])),
    /** Changes the state: put({ t: 3 }). Every view hears at once, Python within 100 ms. */
    put(changes) {
      for (const [key, value] of Object.entries(changes)) model.set(key, value);
      save();
    },
    /** Calls back when one of these values changes, here, in another view or in Python. */
    onChange(keys, callback) {
      for (const key of keys) model.on(`change:${key}`, callback);
      stops.push(() => {
        for (const key of keys) model.off(`change:${key}`, callback);
      });
    },
    /** Takes charge of something that has a `stop`: a canvas, a player; returns it. */
    keep(part) {
      stops.push(part.stop);
      return part;
    },
    /** What a screen reader hears; returns what asks for it: at most `text()` in each `ms`. */
    voice(text, ms = 700) {
      const node = h("p", { class: "lk-spoken", "aria-live": "polite" });
      body.append(node);
      const say = throttle(() => {
        node.textContent = text();
      }, ms);
      stops.push(say.stop);
      // Not heard while the page loads.
      return () => body.dataset.ready && say();
    },
    /** Says that the pictures are there: at once, or when `fill` took what was waited for. */
    async ready(waited, fill = () => {}) {
      const value = waited && (await waited);
      if (closed) return;
      fill(value);
      body.dataset.ready = "true";
    },
    close() {
      closed = true;
      for (const stop of stops) stop();
      save.now();
    },
  };
  return view;
}
