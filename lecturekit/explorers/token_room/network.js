// The trained network, in plain arithmetic: what network.py computes with torch.
//
// Numbers are float64: an engine computes in it, and float32 would be converted at every step.

import { upTo } from "../kit/numbers.js";

const EPS = 1e-6; // of every layer norm
const [MEAN, STD] = [0.45, 0.225]; // of the puppet world's clips

/** A float16, given by its 16 bits. */
export function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  // Below the smallest exponent there is no leading 1.
  return sign * (exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14);
}

/** Weights by name; `tensors` is [[name, how many numbers], …] in the order of the bytes. */
export function weightsOf(bytes, tensors) {
  let at = 0;
  const take = () => half(bytes.getUint16(2 * at++, true));
  return Object.fromEntries(
    tensors.map(([name, size]) => [name, Float64Array.from(upTo(size), take)]),
  );
}

/** erf to 1.5e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26. */
export function erf(x) {
  const z = Math.abs(x);
  const t = 1 / (1 + 0.3275911 * z);
  const sum =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - sum * Math.exp(-z * z));
}

const gelu = (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2));

/**
 * rows × weightᵀ + bias, two rows and four outputs at a time: what is read from memory, which is
 * slower than what is computed with it, then serves eight products and not one.
 */
function linear(rows, count, weight, bias) {
  const outs = bias.length;
  const ins = weight.length / outs;
  const result = new Float64Array(count * outs);
  for (let n = 0; n < count; n += 2) {
    const other = Math.min(n + 1, count - 1); // the last of an odd number is computed twice
    const r0 = n * ins;
    const r1 = other * ins;
    for (let o = 0; o < outs; o += 4) {
      const w0 = o * ins;
      const w1 = w0 + ins;
      const w2 = w1 + ins;
      const w3 = w2 + ins;
      let a0 = bias[o];
      let a1 = bias[o + 1];
      let a2 = bias[o + 2];
      let a3 = bias[o + 3];
      let b0 = a0;
      let b1 = a1;
      let b2 = a2;
      let b3 = a3;
      for (let i = 0; i < ins; i++) {
        const x = rows[r0 + i];
        const y = rows[r1 + i];
        a0 += x * weight[w0 + i];
        a1 += x * weight[w1 + i];
        a2 += x * weight[w2 + i];
        a3 += x * weight[w3 + i];
        b0 += y * weight[w0 + i];
        b1 += y * weight[w1 + i];
        b2 += y * weight[w2 + i];
        b3 += y * weight[w3 + i];
      }
      const [first, second] = [n * outs + o, other * outs + o];
      result[first] = a0;
      result[first + 1] = a1;
      result[first + 2] = a2;
      result[first + 3] = a3;
      result[second] = b0;
      result[second + 1] = b1;
      result[second + 2] = b2;
      result[second + 3] = b3;
    }
  }
  return result;
}

function layerNorm(rows, count, weight, bias) {
  const width = weight.length;
  const result = new Float64Array(rows.length);
  for (let n = 0; n < count; n++) {
    const from = n * width;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < width; i++) sum += rows[from + i];
    const mean = sum / width;
    for (let i = 0; i < width; i++) squares += (rows[from + i] - mean) ** 2;
    const scale = 1 / Math.sqrt(squares / width + EPS);
    for (let i = 0; i < width; i++)
      result[from + i] = (rows[from + i] - mean) * scale * weight[i] + bias[i];
  }
  return result;
}

/**
 * Each token's mean of the values, in each head. `keep` are the tokens' numbers, `looks[head]`
 * says for (query, key) who may look; `store`, if given, takes the weights by these numbers.
 */
function attend(qkv, keep, looks, width, store) {
  const count = keep.length;
  const size = width / looks.length;
  const scale = 1 / Math.sqrt(size);
  const tokens = Math.sqrt(looks[0].length);
  const result = new Float64Array(count * width);
  const row = new Float64Array(count);
  const keys = new Int32Array(count);
  for (let head = 0; head < looks.length; head++) {
    const look = looks[head];
    for (let i = 0; i < count; i++) {
      const query = i * 3 * width + head * size;
      const from = keep[i] * tokens;
      let seen = 0;
      let most = -Infinity;
      for (let j = 0; j < count; j++) {
        if (!look[from + keep[j]]) continue;
        const key = j * 3 * width + width + head * size;
        let score = 0;
        for (let c = 0; c < size; c++) score += qkv[query + c] * qkv[key + c];
        if (score > most) most = score;
        row[seen] = score;
        keys[seen++] = j;
      }
      let sum = 0;
      for (let k = 0; k < seen; k++) {
        row[k] = Math.exp((row[k] - most) * scale);
        sum += row[k];
      }
      const out = i * width + head * size;
      for (let k = 0; k < seen; k++) {
        const weight = row[k] / sum;
        const value = keys[k] * 3 * width + 2 * width + head * size;
        for (let c = 0; c < size; c++) result[out + c] += weight * qkv[value + c];
        if (store) store[(head * tokens + keep[i]) * tokens + keep[keys[k]]] = weight;
      }
    }
  }
  return result;
}

function add(rows, more) {
  for (let k = 0; k < rows.length; k++) rows[k] += more[k];
}

/**
 * All tokens of a clip, with their positions. `pixels` holds RGBA frame by frame, row by row;
 * `order` says which frame stands at each time; the sizes are Python's.
 */
export function tokensOf(weights, pixels, order, { side, tubelet, grid }) {
  const count = grid[0] * grid[1] * grid[2];
  const [frames, rows, columns] = tubelet;
  const boxes = new Float64Array(count * 3 * frames * rows * columns);
  let at = 0;
  for (let token = 0; token < count; token++) {
    const left = (token % grid[2]) * columns;
    const top = (Math.floor(token / grid[2]) % grid[1]) * rows;
    const first = Math.floor(token / (grid[1] * grid[2])) * frames;
    for (let colour = 0; colour < 3; colour++)
      for (let t = 0; t < frames; t++)
        for (let y = 0; y < rows; y++)
          for (let x = 0; x < columns; x++) {
            const pixel = (order[first + t] * side + top + y) * side + left + x;
            boxes[at++] = (pixels[4 * pixel + colour] / 255 - MEAN) / STD;
          }
  }
  const { "embed.project.weight": weight, "embed.project.bias": bias } = weights;
  const tokens = linear(boxes, count, weight, bias);
  add(tokens, weights["positions.table"]);
  return tokens;
}

/**
 * The scores of the tokens `keep` (their numbers, in order). `masks[layer][head]` says who may
 * look at whom; `store[layer]`, if given, takes the attention: heads × tokens × tokens.
 */
export function scoresOf(weights, tokens, keep, masks, store) {
  const count = keep.length;
  const width = weights["norm.weight"].length;
  let rows = new Float64Array(count * width);
  for (const [n, token] of keep.entries())
    rows.set(tokens.subarray(token * width, (token + 1) * width), n * width);
  for (const [layer, looks] of masks.entries()) {
    const of = (name) =>
      ["weight", "bias"].map((part) => weights[`blocks.${layer}.${name}.${part}`]);
    const qkv = linear(layerNorm(rows, count, ...of("norm_1")), count, ...of("attention.qkv"));
    const seen = attend(qkv, keep, looks, width, store?.[layer]);
    add(rows, linear(seen, count, ...of("attention.out")));
    const wide = linear(layerNorm(rows, count, ...of("norm_2")), count, ...of("mlp.expand"));
    for (let k = 0; k < wide.length; k++) wide[k] = gelu(wide[k]);
    add(rows, linear(wide, count, ...of("mlp.shrink")));
  }
  rows = layerNorm(rows, count, weights["norm.weight"], weights["norm.bias"]);
  const mean = new Float64Array(width);
  for (let k = 0; k < rows.length; k++) mean[k % width] += rows[k] / count;
  return linear(mean, 1, weights["head.weight"], weights["head.bias"]);
}
