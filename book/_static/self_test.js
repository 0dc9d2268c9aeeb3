// The self-test asks the page's questions one at a time. Leitner's boxes: right moves a question one
// box up, wrong back to the first; the box says after how many days it comes again.
const DAYS = [0, 1, 3, 7, 21, 60];
const DAY_MS = 24 * 60 * 60 * 1000;
const LATER = 3; // questions between a wrong answer and the same question again
const STORE = "self-test";

const place = document.getElementById("self-test");
const questions = [...document.querySelectorAll(".question")].map((box) => {
  const reasons = [...box.querySelector(".reasons").children];
  return {
    id: box.id,
    chapter: Number(box.id.split("-")[1]),
    kind: [...box.classList].find((name) => name.startsWith("kind-")).slice(5),
    ask: box.querySelector(".ask"),
    where: box.querySelector(".where"),
    answers: [...box.querySelector(".says").children].map((say, index) => ({
      say,
      reason: reasons[index],
      right: reasons[index].querySelector("strong").textContent === "Right.",
    })),
  };
});

/** What is known of each question: its box, and when it is due. Broken or foreign data is dropped. */
function load() {
  try {
    const known = JSON.parse(localStorage.getItem(STORE)) ?? {};
    const sound = ([, it]) =>
      Number.isInteger(it?.box) && it.box in DAYS && Number.isFinite(it.due);
    return [Object.fromEntries(Object.entries(known).filter(sound)), true];
  } catch (error) {
    return [{}, error instanceof SyntaxError];
  }
}
let [known, kept] = load();
function save() {
  try {
    localStorage.setItem(STORE, JSON.stringify(known));
  } catch {
    kept = false;
  }
}

const again = []; // ids answered wrong in this sitting, with how many others come first
let current = null;

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
/** A copy of what a node holds. */
function inside(node) {
  const copies = [...node.childNodes].map((child) => child.cloneNode(true));
  for (const copy of copies)
    copy.querySelectorAll?.("[id]").forEach((e) => e.removeAttribute("id"));
  return copies;
}
function shuffled(list) {
  const mixed = [...list];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
  }
  return mixed;
}

function choice(label, options) {
  const select = element("select", {}, ...options.map(([value, text]) => new Option(text, value)));
  select.addEventListener("change", next);
  return [element("label", {}, `${label} `, select), select];
}
const chapters = [...new Set(questions.map(({ chapter }) => chapter))];
const kinds = [...new Set(questions.map(({ kind }) => kind))];
const [chapterLabel, chapterSelect] = choice("Chapter", [
  ["", "all"],
  ...chapters.map((chapter) => [chapter, chapter]),
]);
const [kindLabel, kindSelect] = choice("Kind", [["", "all"], ...kinds.map((kind) => [kind, kind])]);
const standing = element("p", { className: "standing" });
const card = element("div", { className: "card" });
const said = element("div", { className: "verdict" });
said.setAttribute("role", "status");
const forget = element("button", { type: "button", className: "forget" }, "Forget my answers");
place.append(
  element("div", { className: "choices" }, chapterLabel, kindLabel),
  standing,
  card,
  said,
  forget,
);

function chosen() {
  return questions.filter(
    ({ chapter, kind }) =>
      (!chapterSelect.value || chapter === Number(chapterSelect.value)) &&
      (!kindSelect.value || kind === kindSelect.value),
  );
}
const isDue = ({ id }) => (known[id]?.due ?? 0) <= Date.now();

function show() {
  const all = chosen();
  const seen = all.filter(({ id }) => known[id]);
  const waiting = all.filter(isDue).length;
  const where = kept
    ? ""
    : " This browser keeps nothing for this page: where you stand is lost when you close it.";
  standing.textContent =
    `${all.length} ${all.length === 1 ? "question" : "questions"}, ${seen.length} answered so far, ${waiting} to answer today.` +
    where;
}

/** The next question: a wrong one whose time has come, else one that is due, seen ones first. */
function pick() {
  const all = chosen();
  const ripe = again.findIndex(({ id, wait }) => wait <= 0 && all.some((other) => other.id === id));
  if (ripe >= 0) return all.find(({ id }) => id === again.splice(ripe, 1)[0].id);
  const waits = new Set(again.map(({ id }) => id));
  const due = all.filter((question) => isDue(question) && !waits.has(question.id));
  const seen = due.filter(({ id }) => known[id]);
  if (due.length) return seen[0] ?? due[0];
  // Nothing else is left: a wrong one need not wait.
  const left = again.findIndex(({ id }) => all.some((other) => other.id === id));
  return left >= 0 ? all.find(({ id }) => id === again.splice(left, 1)[0].id) : null;
}

function next(event) {
  said.replaceChildren();
  current = pick();
  show();
  if (!current) {
    card.replaceChildren(
      element("p", {}, "Nothing is due here. Come back tomorrow, or choose more."),
    );
    return;
  }
  const buttons = shuffled(current.answers).map((answer) => {
    const button = element(
      "button",
      { type: "button", className: "answer" },
      ...inside(answer.say),
    );
    button.addEventListener("click", () => judge(answer, button));
    return element("li", {}, button);
  });
  const ask = element("div", { className: "ask", tabIndex: -1 }, ...inside(current.ask));
  const kind = element("p", { className: "kind" }, `Chapter ${current.chapter} · ${current.kind}`);
  card.replaceChildren(kind, ask, element("ul", {}, ...buttons));
  if (event?.type === "click") ask.focus();
}

function judge(answer, button) {
  const { id } = current;
  for (const other of again) other.wait -= 1;
  const box = answer.right ? Math.min((known[id]?.box ?? 0) + 1, DAYS.length - 1) : 0;
  known[id] = { box, due: Date.now() + DAYS[box] * DAY_MS };
  if (!answer.right) again.push({ id, wait: LATER });
  save();
  show();
  button.classList.add(answer.right ? "right" : "wrong");
  for (const each of card.querySelectorAll("button")) each.disabled = true;
  const more = element("button", { type: "button", className: "next" }, "Next question");
  more.addEventListener("click", next);
  const reasons = [element("div", {}, ...inside(answer.reason))];
  const best = current.answers.find(({ right }) => right);
  if (!answer.right) {
    const truth = element(
      "div",
      { className: "truth" },
      ...inside(best.say),
      ...inside(best.reason),
    );
    reasons.push(element("p", {}, "It is:"), truth);
  }
  said.replaceChildren(
    ...reasons,
    element("p", { className: "where" }, ...inside(current.where)),
    more,
  );
  more.focus();
}

let sure = false;
forget.addEventListener("click", () => {
  if (!sure) {
    sure = true;
    forget.textContent = "Press again to forget all";
    setTimeout(() => {
      sure = false;
      forget.textContent = "Forget my answers";
    }, 5000);
    return;
  }
  known = {};
  again.length = 0;
  try {
    localStorage.removeItem(STORE);
  } catch {
    kept = false;
  }
  next();
});

if (questions.length) next();
