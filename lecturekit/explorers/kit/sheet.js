// Pictures that Python packed, taken apart again (sheets.py).

import { h } from "./dom.js";

/** Encoded image bytes (a DataView, as anywidget gives bytes) to an ImageBitmap. */
export function decodeImage(view, type = "image/jpeg") {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return createImageBitmap(new Blob([bytes], { type }));
}

/** Where picture k of a sheet begins: each starts on a grid of JPEG's blocks of 16 pixels. */
export function cellAt(k, { columns, height, width }) {
  const [cellHeight, cellWidth] = [height, width].map((size) => Math.ceil(size / 16) * 16);
  return [(k % columns) * cellWidth, Math.floor(k / columns) * cellHeight];
}

/** All pictures of a sheet in one array, in (count, height, width) RGBA order. */
export async function decodeSheet(bytes, { count, height, width, columns, type }) {
  const sheet = await decodeImage(bytes, type);
  const canvas = h("canvas", { width, height });
  const reader = canvas.getContext("2d", { willReadFrequently: true });
  const frames = new Uint8ClampedArray(count * height * width * 4);
  for (let k = 0; k < count; k++) {
    const [left, top] = cellAt(k, { columns, height, width });
    reader.drawImage(sheet, -left, -top);
    frames.set(reader.getImageData(0, 0, width, height).data, k * height * width * 4);
  }
  sheet.close();
  return frames;
}
