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

const SLICE_MS = 12;

/** Long work in slices, with the page free in between: step(0), step(1), … then `done`. */
export function slices() {
  let timer = null;
  const stop = () => {
    clearTimeout(timer);
    timer = null;
  };
  const start = (count, step, done) => {
    stop();
    let k = 0;
    const run = () => {
      const end = performance.now() + SLICE_MS;
      while (k < count && performance.now() < end) step(k++);
      timer = k < count ? setTimeout(run) : null;
      if (k === count) done();
    };
    timer = setTimeout(run);
  };
  return { start, stop };
}
