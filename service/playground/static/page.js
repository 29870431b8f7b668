// The page: what is asked, what was answered, what is corrected, and who hears of it.

import { Problem, describeModel, keepKey, parse, sendCorrection, storedKey } from "./api.js";
import { ownZone, withOffset, zones } from "./clock.js";
import { button, byId, element, fill } from "./dom.js";
import { examplesFor } from "./examples.js";
import { fromFragment, toFragment } from "./link.js";
import { drawSentence, keepReadOnly, select, selection, showChosen } from "./sentence.js";
import { changes, equal, labelled, overlap, same, unlabelled } from "./spans.js";
import { slice, tokenAt, wholeTokens } from "./text.js";
import { followTheme } from "./theme.js";
import { line, notes } from "./values.js";

const TYPING_PAUSE = 200; // milliseconds without a key before the sentence is parsed
const COPIED_PAUSE = 2000; // how long the button says that it copied
const ALTERNATIVES = 3;
const LEAST = 0.0005; // an alternative below it would show as 0.0 %
const UNSURE = 0.8; // below it a slot is marked as uncertain
const GOLDEN = 137.508; // degrees: hues of neighbours in the catalogue lie far apart, however many there are

const part = Object.fromEntries(
  [
    "answer", "ask", "asking", "changes", "choices", "chooser", "chooser-heading", "copy", "correction", "examples",
    "how", "key", "lang", "meta", "note", "problem", "reference", "requested_slot", "result", "sent", "sentence",
    "settings", "settings-said", "slots", "status", "text", "theme", "timezone", "undo", "zones",
  ].map((id) => [id, byId(id)]),
);

let model = null;
let answer = null; // of /v1/parse, of the sentence that is shown
let requestedSlot = null; // what that sentence answered
let spans = []; // as they are shown: what the answer says, and what was changed since
let chosen = null; // {start, end} in code points
let asking = null; // AbortController of the request under way
const drafts = new Map(); // text -> spans: changes outlive other settings, and other sentences in between

const words = (slot) => slot.replaceAll("_", " ");
const percent = new Intl.NumberFormat("en", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const languages = new Intl.DisplayNames(["en"], { type: "language" });
const hue = (slot) => (250 + Object.keys(model.slots).indexOf(slot) * GOLDEN) % 360;
const quoted = (span) => `“${slice(answer.text, span.start, span.end)}”`;
const found = () => answer.slots.map(({ slot, start, end }) => ({ slot, start, end }));
const slotOf = (span) => answer.slots.find((slot) => equal(slot, span));
const say = (what) => (part.status.textContent = what);

// ---- asking

async function run() {
  clearTimeout(run.timer);
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const asked = whatIsAsked();
  const timezone = asked.timezone === ownZone() ? "" : asked.timezone;
  history.replaceState(null, "", toFragment({ ...asked, timezone }));
  if (!asked.text.trim()) {
    part.result.hidden = part.problem.hidden = true;
    return;
  }
  part.result.setAttribute("aria-busy", "true");
  try {
    const got = await parse(toRequest(asked), signal);
    if (model === null || model.version !== got.answer.model.version) await meetModel();
    if (signal.aborted) return;
    requestedSlot = asked.requested_slot || null;
    show(got.answer, got.milliseconds);
  } catch (error) {
    if (error.name === "AbortError" || signal.aborted) return;
    part.result.hidden = true;
    tellProblem(error);
  }
  part.result.removeAttribute("aria-busy");
}

function runSoon() {
  clearTimeout(run.timer);
  run.timer = setTimeout(run, TYPING_PAUSE);
}

function whatIsAsked() {
  const ids = ["text", "lang", "requested_slot", "timezone", "reference"];
  return Object.fromEntries(ids.map((id) => [id, part[id].value]));
}

function toRequest({ text, lang, requested_slot, timezone, reference }) {
  return {
    text,
    alternatives: ALTERNATIVES,
    lang: lang || null,
    requested_slot: requested_slot || null,
    timezone: timezone || null,
    reference_time: reference ? withOffset(reference, timezone || ownZone()) : null,
  };
}

function take(asked) {
  for (const id of ["text", "lang", "requested_slot", "reference"]) part[id].value = asked[id] ?? "";
  part.timezone.value = asked.timezone || ownZone();
  summarizeSettings();
}

function summarizeSettings() {
  const { lang, requested_slot, timezone, reference } = whatIsAsked();
  const said = [
    reference ? reference.replace("T", " ") : "now",
    timezone || "zone of the service",
    requested_slot && `asked for ${words(requested_slot)}`,
    lang && languages.of(lang),
  ];
  part["settings-said"].textContent = said.filter(Boolean).join(" · ");
}

// ---- the model, and what depends on it

async function meetModel() {
  model = await describeModel();
  options(part.requested_slot, "nothing", Object.keys(model.slots), words);
  options(part.lang, "found from the text", model.languages, (code) => languages.of(code));
  fill(
    part.examples,
    examplesFor(model).map((example) => button(example.text, () => tryOut(example), { lang: example.lang })),
  );
}

function options(list, none, values, name) {
  const before = list.value;
  fill(list, element("option", { value: "" }, none), values.map((value) => element("option", { value }, name(value))));
  list.value = values.includes(before) ? before : "";
}

function tryOut({ text, requested_slot }) {
  take({ ...whatIsAsked(), lang: "", text, requested_slot });
  run();
}

// ---- showing

function show(given, milliseconds) {
  answer = given;
  spans = drafts.get(answer.text) ?? found();
  part.problem.hidden = true;
  part.result.hidden = false;
  part.sent.hidden = true;
  choose(null);
  draw();
  part.meta.textContent = [
    answer.intent && `${words(answer.intent.name)} ${percent.format(answer.intent.confidence)}`,
    languages.of(answer.lang),
    `model ${answer.model.name} ${answer.model.version}`,
    `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`,
  ].filter(Boolean).join(" · ");
  part.ask.hidden = !answer.ask?.length;
  part.ask.textContent = `Worth a question: ${(answer.ask ?? []).map(words).join(", ")}.`;
  part.answer.textContent = JSON.stringify(answer, null, 2);
  say(spans.map(({ slot, start, end }) => `${words(slot)}: ${slice(answer.text, start, end)}`).join("; ") || "no slots");
}

function draw() {
  const root = part.sentence;
  root.lang = answer.lang;
  drawSentence(root, answer.text, spans, (span) => ({
    "--hue": hue(span.slot),
    "data-name": words(span.slot),
    "data-slot": span.slot,
    "data-unsure": slotOf(span)?.confidence < UNSURE,
    "data-changed": !slotOf(span),
    title: model.slots[span.slot]?.description,
  }));
  fill(part.slots, spans.length ? spans.map(entry) : element("li", { class: "empty" }, "No slots in it."));
  drawCorrection();
}

function entry(span) {
  const known = slotOf(span);
  const label = `${words(span.slot)} ${quoted(span)}`;
  const remove = () => edit(unlabelled(spans, span), `${label} removed`, span.end);
  return element(
    "li",
    { "--hue": hue(span.slot), "data-slot": span.slot },
    element("span", { class: "name", title: model.slots[span.slot]?.description }, words(span.slot)),
    element(
      "div",
      { class: "body" },
      element("span", { class: "words", lang: answer.lang }, slice(answer.text, span.start, span.end)),
      known?.value && valueOf(known),
    ),
    known ? confidence(known) : element("span", { class: "sure none" }, "by you"),
    known && details(known, label),
    element(
      "p",
      { class: "buttons" },
      button("Change", () => change(span), { "aria-label": `Change ${label}` }),
      button("Remove", remove, { "aria-label": `Remove ${label}` }),
    ),
  );
}

function confidence({ confidence: sure }) {
  const unseen = element("span", { class: "unseen" }, " sure");
  return element("span", { class: "sure", "--sure": sure }, percent.format(sure), unseen);
}

function valueOf({ text, value }) {
  const said = line(value);
  const more = notes(value);
  return [
    said !== text && element("p", { class: "value" }, said),
    more.length > 0 && element("p", { class: "quiet" }, more.join(" · ")),
  ];
}

function details({ value, alternatives }, label) {
  const others = alternatives.filter(({ confidence }) => confidence >= LEAST).map((other) => {
    const text = `${words(other.slot)} “${other.text}” ${percent.format(other.confidence)}`;
    const span = { slot: other.slot, start: other.start, end: other.end };
    const use = () => edit(labelled(spans, span), `${text} instead`, span.end);
    return element("li", {}, button(text, use));
  });
  const whose = element("span", { class: "unseen" }, ` of ${label}`);
  const json = { tabindex: 0, role: "region", "aria-label": `Value of ${label} as JSON` };
  return element(
    "details",
    {},
    element("summary", {}, others.length ? "Other readings, JSON" : "JSON", whose),
    others.length > 0 && element("ul", { class: "others", "aria-label": "Other readings, to use instead" }, others),
    value && element("pre", json, JSON.stringify(value, null, 2)),
  );
}

function tellProblem(error) {
  const fault = { title: "The page has a fault", detail: String(error) };
  const problem = error instanceof Problem ? error : new Problem(fault);
  const more = problem.errors.filter(({ detail }) => detail !== problem.detail);
  fill(
    part.problem,
    element("strong", {}, problem.title),
    problem.detail,
    more.length > 0 && element("ul", {}, more.map(({ detail }) => element("li", {}, detail))),
    problem.wantsKey && element("p", { class: "buttons" }, button("Enter an API key", askForKey)),
  );
  part.problem.hidden = false;
}

function askForKey() {
  part.settings.open = true;
  part.key.focus();
}

// ---- correcting

/** Choose a stretch of the sentence, whole words of it, to label; null ends it. */
function choose(stretch) {
  chosen = stretch && wholeTokens(answer.text, stretch);
  part.chooser.hidden = !chosen;
  part.how.hidden = Boolean(chosen);
  showChosen(part.sentence, chosen);
  if (!chosen) return;
  const touched = spans.filter((span) => overlap(span, chosen));
  const said = slice(answer.text, chosen.start, chosen.end);
  fill(part["chooser-heading"], "Slot of ", element("b", { lang: answer.lang }, said));
  const choices = Object.entries(model.slots).map(([slot, { description }]) => {
    const pressed = String(touched.length === 1 && touched[0].slot === slot);
    return button(words(slot), () => label(slot), { "--hue": hue(slot), title: description, "aria-pressed": pressed });
  });
  if (touched.length) choices.push(button("no slot", unlabel));
  choices.push(button("Cancel", () => leaveChooser()));
  fill(part.choices, choices);
  rove(choices.find((choice) => choice.getAttribute("aria-pressed") === "true") ?? choices[0]);
}

function label(slot) {
  const span = { slot, ...chosen };
  edit(labelled(spans, span), `${quoted(span)} is ${words(slot)}`, span.end);
}

function unlabel() {
  edit(unlabelled(spans, chosen), `${quoted(chosen)} has no slot`, chosen.end);
}

function change(span) {
  part.sentence.focus();
  select(part.sentence, span);
  choose(span);
}

/** One step of a correction: other spans, said aloud, and the caret at `place`, ready for the next. */
function edit(changed, said, place) {
  spans = changed;
  if (same(spans, found())) drafts.delete(answer.text);
  else drafts.set(answer.text, spans);
  part.sent.hidden = part.problem.hidden = true;
  draw();
  leaveChooser(place);
  say(said);
}

function leaveChooser(place = chosen.end) {
  choose(null);
  part.sentence.focus();
  select(part.sentence, { start: place, end: place });
}

/** The toolbar's one stop for Tab; arrows move it. */
function rove(button) {
  for (const other of part.choices.children) other.tabIndex = other === button ? 0 : -1;
}

function drawCorrection() {
  const changed = changes(found(), spans);
  part.correction.hidden = !changed.length;
  fill(
    part.changes,
    changed.map(({ before, after }) => {
      if (!before) return element("li", {}, `${quoted(after)} is ${words(after.slot)}`);
      if (!after) return element("li", {}, `${quoted(before)} is not ${words(before.slot)}`);
      const from = equal({ ...before, slot: after.slot }, after) ? "" : `${quoted(before)} → `;
      const not = before.slot === after.slot ? "" : `, not ${words(before.slot)}`;
      return element("li", {}, `${from}${quoted(after)} is ${words(after.slot)}${not}`);
    }),
  );
}

/** What it means for who wrote a correction that it was refused; the service's detail says the rest. */
function whyNotSent({ status, code }) {
  if (status === 401 || status === 403) return "Corrections need an API key here";
  if ([404, 405].includes(status) || code === "corrections_unavailable") return "This service takes no corrections now";
  return "The correction was not sent";
}

async function send(event) {
  event.preventDefault();
  const { text, lang } = answer;
  const note = part.note.value.trim() || null;
  const correction = { text, lang, slots: spans, note, requested_slot: requestedSlot };
  const sending = part.correction.querySelector(".strong");
  sending.disabled = true;
  try {
    const kept = await sendCorrection(correction);
    drafts.delete(text);
    part.correction.hidden = part.problem.hidden = true;
    part.note.value = "";
    part.sent.textContent = `Sent, thank you. It is reviewed before a model learns from it. Its id is ${kept.id}.`;
    part.sent.hidden = false;
    part.sent.focus();
  } catch (error) {
    if (error instanceof Problem) error.title = `${whyNotSent(error)} (${error.title})`;
    tellProblem(error);
    part.problem.scrollIntoView({ block: "nearest" });
  } finally {
    sending.disabled = false;
  }
}

// ---- hands

function onSelection() {
  if (!answer || part.result.hidden) return;
  const selected = selection(part.sentence);
  if (!selected || selected.start === selected.end) return;
  const { start, end } = wholeTokens(answer.text, selected) ?? {};
  if (start !== chosen?.start || end !== chosen?.end) choose(selected); // else nothing, the focus may be in the chooser
}

const SENTENCE_KEYS = {
  Enter() {
    onSelection(); // the event may be still to come
    if (!chosen) {
      const { start } = selection(part.sentence) ?? { start: 0 };
      choose(spans.find((span) => span.start <= start && start <= span.end) ?? tokenAt(answer.text, start));
    }
    part.choices.querySelector("[tabindex='0']")?.focus();
  },
  Escape: () => chosen && leaveChooser(),
  Delete() {
    const { start, end } = selection(part.sentence) ?? {};
    const caret = { start: start - 0.5, end: start + 0.5 }; // touches what is on both sides
    const touched = start < end ? { start, end } : caret;
    const left = unlabelled(spans, touched);
    if (left.length < spans.length) edit(left, "slot removed", end);
  },
};
SENTENCE_KEYS.Backspace = SENTENCE_KEYS.Delete;

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function onChooserKey(event) {
  const buttons = [...part.choices.children];
  const at = buttons.indexOf(event.target);
  const step = STEPS[event.key];
  const next = { Home: buttons[0], End: buttons.at(-1) }[event.key] ?? (step && buttons.at((at + step) % buttons.length));
  if (event.key === "Escape") leaveChooser();
  else if (next) {
    rove(next);
    next.focus();
  } else return;
  event.preventDefault();
}

function listen() {
  part.text.addEventListener("input", runSoon);
  part.text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      run();
    }
  });
  part.asking.addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["reference", "timezone", "requested_slot", "lang"])
    part[id].addEventListener("change", () => {
      summarizeSettings();
      run();
    });
  part.key.addEventListener("change", () => {
    keepKey(part.key.value);
    start();
  });
  window.addEventListener("hashchange", start);

  keepReadOnly(part.sentence, draw);
  document.addEventListener("selectionchange", onSelection);
  part.sentence.addEventListener("keydown", (event) => {
    if (event.key in STEPS && !event.shiftKey) choose(null);
    if (!(event.key in SENTENCE_KEYS) || event.isComposing) return;
    event.preventDefault();
    SENTENCE_KEYS[event.key]();
  });
  part.sentence.addEventListener("click", (event) => {
    const marks = [...part.sentence.querySelectorAll("mark")];
    const span = spans[marks.indexOf(event.target.closest("mark"))];
    if (document.getSelection().isCollapsed) choose(span ?? null); // else words were selected
  });
  part.choices.addEventListener("keydown", onChooserKey);
  part.choices.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays

  part.correction.addEventListener("submit", send);
  part.undo.addEventListener("click", () => edit(found(), "all changes undone", 0));
  part.copy.addEventListener("click", async () => {
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    part.copy.textContent = copied ? "Copied" : "It is in the address bar";
    say(part.copy.textContent);
    setTimeout(() => (part.copy.textContent = "Copy link"), COPIED_PAUSE);
  });
}

/** What the address says, or the first example. */
async function start() {
  try {
    await meetModel();
    const said = fromFragment(location.hash);
    const [first] = examplesFor(model);
    take(said ?? (part.text.value ? whatIsAsked() : { text: first?.text }));
    await run();
  } catch (error) {
    tellProblem(error);
  }
}

followTheme(part.theme);
part.timezone.value = ownZone();
fill(part.zones, zones().map((value) => element("option", { value })));
part.key.value = storedKey();
listen();
await start();
