// What the page that hosts the explorer asks for: its colours, and stillness.

/** The present value of one of the style sheet's colours, for drawing: colour(node, "--lk-ink"). */
export function colour(node, name) {
  return getComputedStyle(node).getPropertyValue(name).trim();
}

/** Several at once: inks(node, { text: "--lk-ink" }).text is a colour. */
export function inks(node, names) {
  const pairs = Object.entries(names).map(([key, name]) => [key, colour(node, name)]);
  return Object.fromEntries(pairs);
}

/** Calls back when the host page changes between light and dark. */
export function onThemeChange(callback) {
  const watcher = new MutationObserver(callback);
  const attributeFilter = ["data-theme", "data-jp-theme-light", "theme", "class"];
  for (const node of [document.documentElement, document.body]) {
    watcher.observe(node, { attributes: true, attributeFilter });
  }
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", callback);
  return {
    stop() {
      watcher.disconnect();
      media.removeEventListener("change", callback);
    },
  };
}

export function prefersReducedMotion() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
