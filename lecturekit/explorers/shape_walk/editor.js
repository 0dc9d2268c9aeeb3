// The sliders of one layer.

import { slider } from "../kit/controls.js";
import { grouped } from "../kit/words.js";

const CHANNELS = [1, 2, 3, 4, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
const FEATURES = [1, 2, 5, 10, 12, 24, 51, 64, 101, 128, 174, 256, 400, 512, 600, 1024, 2048, 4096];
const COUNTS = {
  out_channels: { label: "Channels out", values: CHANNELS },
  out_features: { label: "Outputs", values: FEATURES },
};
const WINDOW = { kernel: "Kernel", stride: "Stride", padding: "Padding" };

/** A slider over the values of a list, to which the present value is added if it is another. */
function listSlider({ label, values, oninput }) {
  let known = values;
  const control = slider({
    label,
    min: 0,
    max: values.length - 1,
    value: 0,
    format: (at) => grouped(known[at]),
    oninput: (at) => oninput(known[at]),
  });
  const set = (value) => {
    known = [...new Set([...values, value])].sort((a, b) => a - b);
    control.bounds(0, known.length - 1);
    control.set(known.indexOf(value));
  };
  return { node: control.node, set };
}

/** Along which axes (t, h, w) a slider moves a window. */
const ALONG = { time: [true, false, false], space: [false, true, true] };

/** One number of a layer's window; `layer()` is the layer as it now stands. */
function windowSlider({ field, way, layer, limits, change }) {
  const chosen = ALONG[way];
  const moved = (old, value) => old.map((size, axis) => (chosen[axis] ? value : size));
  const axis = chosen.indexOf(true);
  const { kind } = layer();
  const oninput = (value) => {
    const { kernel, stride, [field]: old } = layer();
    const changes = { [field]: moved(old, value) };
    // A pooling that steps by its own kernel goes on doing so.
    const follows = kind === "Pool" && field === "kernel" && stride[axis] === kernel[axis];
    if (follows) changes.stride = moved(stride, value);
    change(changes);
  };
  const control = slider({
    label: `${WINDOW[field]} in ${way}`,
    min: field === "padding" ? 0 : 1,
    max: kind === "Pool" && field === "stride" ? limits.kernel : limits[field],
    value: layer()[field][axis],
    oninput,
  });
  return { node: control.node, show: () => control.set(layer()[field][axis]) };
}

/** All sliders of a layer. `change(changes)` is called with the fields that were moved. */
export function layerEditor(first, limits, change) {
  let now = first;
  const layer = () => now;
  const controls = [];
  for (const [field, { label, values }] of Object.entries(COUNTS)) {
    if (!(field in first)) continue;
    const control = listSlider({ label, values, oninput: (value) => change({ [field]: value }) });
    controls.push({ node: control.node, show: () => control.set(now[field]) });
  }
  for (const field of first.kernel ? Object.keys(WINDOW) : [])
    for (const way of Object.keys(ALONG))
      controls.push(windowSlider({ field, way, layer, limits, change }));
  const show = (next) => {
    now = next;
    for (const control of controls) control.show();
  };
  return { nodes: controls.map(({ node }) => node), show };
}
