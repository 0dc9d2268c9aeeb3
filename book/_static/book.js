// The pages work without this; it adds the theme switch, the menu of phones, copy buttons,
// explorers, and keyboard access to what scrolls.

const root = document.documentElement;

function announce(text) {
  const status = document.getElementById("announcer");
  if (status) status.textContent = text;
}

const themeButton = document.getElementById("theme-button");
function showTheme(theme) {
  root.dataset.theme = theme;
  themeButton.setAttribute("aria-label", `Switch to ${theme === "dark" ? "light" : "dark"} theme`);
}
showTheme(root.dataset.theme);
themeButton.addEventListener("click", () => {
  showTheme(root.dataset.theme === "dark" ? "light" : "dark");
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // A page opened as a file may be forbidden to store; the choice then lasts for this page.
  }
});

const menuButton = document.getElementById("menu-button");
function showMenu(open) {
  menuButton.setAttribute("aria-expanded", open);
  root.classList.toggle("menu-open", open);
}
if (menuButton) {
  menuButton.addEventListener("click", () => {
    showMenu(menuButton.getAttribute("aria-expanded") !== "true");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.classList.contains("menu-open")) {
      showMenu(false);
      menuButton.focus();
    }
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  const input = document.getElementById("search-input");
  // On a phone the box is on its own page.
  if (input.offsetParent === null) location.href = input.form.action;
  else input.focus();
});

document.addEventListener("click", async ({ target }) => {
  if (!target.matches?.(".copy-button")) return;
  const copied = await copy(target.parentElement.querySelector("pre").textContent);
  target.textContent = copied ? "Copied" : "Press Ctrl+C";
  announce(target.textContent);
  setTimeout(() => (target.textContent = "Copy"), 2000);
});

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard for this page: the older way needs a selected field.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }
}

// What scrolls sideways must be reachable with the keyboard; what does not must not be a stop.
const scrollable = document.querySelectorAll(".highlight > pre, .table-scroll, .math-scroll");
function markScrollable(element) {
  const scrolls = element.scrollWidth > element.clientWidth + 1;
  if (!scrolls) {
    element.removeAttribute("tabindex");
    return;
  }
  element.tabIndex = 0;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Scrolls sideways");
}
const resized = new ResizeObserver((entries) => entries.forEach((e) => markScrollable(e.target)));
scrollable.forEach((element) => resized.observe(element));

// A table of class "sortable" is sorted by the column whose head is pressed, and back.
for (const table of document.querySelectorAll("table.sortable")) {
  const [body] = table.tBodies;
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort-button";
    button.textContent = head.textContent.trim();
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      const text = (row) => row.cells[column].textContent.trim();
      body.append(...[...body.rows].sort((a, b) => compareCells(text(a), text(b), sign)));
      announce(`Sorted by ${button.textContent}, ${head.getAttribute("aria-sort")}`);
    });
  });
}
/** Numbers by size, words by the alphabet; a cell without a number is last both ways. */
function compareCells(a, b, sign) {
  const [x, y] = [parseFloat(a), parseFloat(b)];
  if (Number.isNaN(x) && Number.isNaN(y))
    return a === "—" || b === "—" ? 0 : sign * a.localeCompare(b);
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  return sign * (x - y);
}

// A quoted figure shows where it comes from: under the mouse, at the keyboard's focus, at a tap.
let shownFact = null;
let hiding = 0;
function cardOf(figure) {
  return document.getElementById(figure.getAttribute("aria-describedby"));
}
function hideFact() {
  clearTimeout(hiding);
  if (shownFact) cardOf(shownFact).hidePopover();
  shownFact = null;
}
function showFact(figure) {
  clearTimeout(hiding);
  if (figure === shownFact) return;
  hideFact();
  shownFact = figure;
  const card = cardOf(figure);
  card.showPopover();
  const at = figure.getBoundingClientRect();
  const gap = 6;
  const left = at.left + (at.width - card.offsetWidth) / 2;
  const right = root.clientWidth - card.offsetWidth - gap;
  const fits = at.bottom + gap + card.offsetHeight < innerHeight;
  const top = fits ? at.bottom + gap : at.top - gap - card.offsetHeight;
  card.style.left = `${scrollX + Math.max(gap, Math.min(left, right))}px`;
  card.style.top = `${scrollY + top}px`;
}
if (HTMLElement.prototype.showPopover) {
  const figureAt = (target) => target.closest?.("a.fact");
  const isShown = (target) =>
    shownFact && (figureAt(target) === shownFact || cardOf(shownFact).contains(target));
  let tapped = null;
  document.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType === "touch") return;
    if (figureAt(target)) showFact(figureAt(target));
    else if (isShown(target)) clearTimeout(hiding);
  });
  document.addEventListener("pointerout", ({ target }) => {
    // The mouse may cross the gap to the card, whose text and link are to be reached.
    if (isShown(target) && !isShown(document.activeElement)) hiding = setTimeout(hideFact, 250);
  });
  document.addEventListener("pointerdown", ({ target, pointerType }) => {
    // The first tap shows the card, a second one follows the link as a click does.
    tapped = pointerType === "touch" && !isShown(target) ? figureAt(target) : null;
    if (!isShown(target)) hideFact();
  });
  document.addEventListener("click", (event) => {
    const figure = figureAt(event.target);
    if (!figure || figure !== tapped) return;
    event.preventDefault();
    showFact(figure);
  });
  document.addEventListener("focusin", ({ target }) => {
    if (figureAt(target)) showFact(figureAt(target));
    else if (!isShown(target)) hideFact();
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !shownFact) return;
    // The focus may not vanish with the link that had it.
    if (cardOf(shownFact).contains(document.activeElement)) shownFact.focus();
    hideFact();
  });
  addEventListener("resize", hideFact);
}

// Shows where you are in the contents of the page.
const links = new Map(
  [...document.querySelectorAll(".page-contents a[href^='#']")].map((link) => [
    decodeURIComponent(link.hash.slice(1)),
    link,
  ]),
);
if (links.size) {
  const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const mark = () => {
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 120);
    const here = passed.at(-1)?.id;
    for (const [id, link] of links) {
      if (id === here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  let waiting = false;
  addEventListener(
    "scroll",
    () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        mark();
      });
    },
    { passive: true },
  );
}

// An explorer carries its frames: it is loaded when it comes near, and all of them are once somebody
// reads (or prints) the page.
const explorers = document.querySelectorAll("[data-explorer-script]");
function load(place) {
  if (!place.dataset.explorerScript) return;
  const script = document.createElement("script");
  script.src = place.dataset.explorerScript;
  delete place.dataset.explorerScript;
  place.replaceWith(script);
}
const near = new IntersectionObserver(
  (entries) =>
    entries
      .filter((entry) => entry.isIntersecting)
      .flatMap(({ target }) => [...target.querySelectorAll("[data-explorer-script]")])
      .forEach(load),
  { rootMargin: "100% 0px" },
);
for (const place of explorers) {
  // The script's place itself is hidden and has no position; the explorer before it has.
  near.observe(place.parentElement);
}
// At first only the start of a long page is laid out (its style: .reading). The rest follows at the
// first sign of a reader, and at once where the page does not open at its top.
let reading = false;
function startReading() {
  if (reading) return;
  reading = true;
  root.classList.add("reading");
  const idle = window.requestIdleCallback ?? setTimeout;
  explorers.forEach((place) => idle(() => load(place)));
}
for (const sign of ["scroll", "keydown", "pointermove", "pointerdown", "touchstart"]) {
  addEventListener(sign, startReading, { once: true, passive: true });
}
addEventListener("beforeprint", () => {
  startReading();
  explorers.forEach(load);
});
const navigation = performance.getEntriesByType("navigation")[0]?.type;
if (location.hash || navigation === "reload" || navigation === "back_forward") startReading();
