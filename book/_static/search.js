// Finds sections of the book that hold every word asked for. The text comes with search-data.js:
// a page opened as a file may not fetch others.

const MAX_RESULTS = 40;
const QUOTE_LENGTH = 220;
const input = document.getElementById("search-input");
const told = document.getElementById("search-status");
const invitation = told.textContent;
const list = document.getElementById("search-results");

const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A word matches where a word of the text starts with it: "frame" finds "frames". */
function pattern(word) {
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped(word)}`, "gu");
}

function score(words, [, page, title, text]) {
  let total = 0;
  for (const word of words) {
    const find = pattern(word);
    const hits = [page, title, text].map((part) => (plain(part).match(find) ?? []).length);
    if (!hits.some(Boolean)) return 0;
    total += 4 * Math.min(hits[0], 1) + 12 * Math.min(hits[1], 1) + Math.min(hits[2], 6);
  }
  return total;
}

/** The part of a text around the first word found, with every word found in bold. */
function quote(words, text) {
  // Decomposed letters would shift the places found, so the text is only lowered.
  const lower = text.toLowerCase();
  const places = words.map((word) => lower.search(pattern(word))).filter((place) => place >= 0);
  const start = Math.max(0, (places.length ? Math.min(...places) : 0) - 60);
  const part = text.slice(start, start + QUOTE_LENGTH);
  const node = document.createElement("p");
  if (start > 0) node.append("… ");
  const anyWord = new RegExp(words.map((word) => pattern(word).source).join("|"), "giu");
  let last = 0;
  for (const match of part.matchAll(anyWord)) {
    node.append(part.slice(last, match.index));
    const mark = document.createElement("mark");
    mark.textContent = match[0];
    node.append(mark);
    last = match.index + match[0].length;
  }
  node.append(part.slice(last), start + QUOTE_LENGTH < text.length ? " …" : "");
  return node;
}

function show(query) {
  list.replaceChildren();
  const words = plain(query)
    .split(/[\s\p{Pd}]+/u)
    .filter(Boolean);
  if (!words.length) {
    told.textContent = invitation;
    return;
  }
  const found = window.bookSections
    .map((section) => ({ section, points: score(words, section) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points);
  told.textContent =
    found.length === 0
      ? `Nothing holds “${query}”. Try fewer or shorter words.`
      : `${found.length} ${found.length === 1 ? "section holds" : "sections hold"} “${query}”` +
        (found.length > MAX_RESULTS ? `; the best ${MAX_RESULTS} are shown.` : ".");
  for (const { section } of found.slice(0, MAX_RESULTS)) {
    const [address, page, title, text] = section;
    const link = document.createElement("a");
    link.href = address;
    link.textContent = title === page ? page : `${page} › ${title}`;
    const item = document.createElement("li");
    item.append(link, quote(words, text));
    list.append(item);
  }
}

const asked = new URLSearchParams(location.search).get("q") ?? "";
input.value = asked;
show(asked);
if (!asked) input.focus();
input.addEventListener("input", () => show(input.value));
