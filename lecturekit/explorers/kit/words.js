// Numbers as text.

/** 1234567 is "1,234,567". */
export const grouped = (number) => number.toLocaleString("en-US");

/** A number with a true minus sign, and no "−0". */
export function signed(value, digits = 2) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "−");
}
