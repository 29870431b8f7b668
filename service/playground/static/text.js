// Places in a text. The API counts Unicode code points, JavaScript counts UTF-16 units: an emoji is one and two.

/** Code points before the UTF-16 place `at`. */
export const toCodePoints = (text, at) => Array.from(text.slice(0, at)).length;

/** The UTF-16 place behind `count` code points. */
export const toUnits = (text, count) => Array.from(text).slice(0, count).join("").length;

/** `text[start:end]` by code points. */
export const slice = (text, start, end) => Array.from(text).slice(start, end).join("");

// As data/tokens.py has it: letters with their marks run together, Han and kana stand alone, digits run
// together, and the rest is one grapheme each.
const RUN =
  /(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])\p{L}[\p{M}\u200c\u200d]*)+|\p{Nd}+/uy;
const SPACE = /^[\s\x1c-\x1f\x85]/;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The tokens of a text, `{start, end}` in code points. All but white space is in one of them. */
export function tokens(text) {
  const found = [];
  let at = 0;
  let count = 0;
  while (at < text.length) {
    RUN.lastIndex = at;
    const [run] = RUN.exec(text) ?? [graphemes.segment(text.slice(at)).containing(0).segment];
    const length = Array.from(run).length;
    if (!SPACE.test(run)) found.push({ start: count, end: count + length });
    at += run.length;
    count += length;
  }
  return found;
}

/** The whole tokens that a stretch touches, or null: a slot neither cuts a word nor ends with a space. */
export function wholeTokens(text, { start, end }) {
  const touched = tokens(text).filter((token) => token.start < end && start < token.end);
  return touched.length ? { start: touched[0].start, end: touched.at(-1).end } : null;
}

/** The token at a place, or before it. */
export function tokenAt(text, place) {
  return tokens(text).findLast((token) => token.start <= place && place <= token.end) ?? null;
}
