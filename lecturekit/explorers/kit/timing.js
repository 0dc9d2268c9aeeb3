// Calls that wait. What waits has a `stop` that drops it.

/** At most one call in `ms` milliseconds, the last one never lost; `now` makes a waiting one. */
export function throttle(callback, ms) {
  let timer = null;
  const stop = () => {
    clearTimeout(timer);
    timer = null;
  };
  const call = () => {
    stop();
    callback();
  };
  const later = () => {
    timer ??= setTimeout(call, ms);
  };
  return Object.assign(later, { now: () => timer !== null && call(), stop });
}

/** Calls back once before the next repaint, however often it was asked for; `now` at once. */
export function oncePerFrame(callback) {
  let request = null;
  const stop = () => {
    cancelAnimationFrame(request);
    request = null;
  };
  const now = () => {
    stop();
    callback();
  };
  const ask = () => {
    request ??= requestAnimationFrame(now);
  };
  return Object.assign(ask, { now, stop });
}
