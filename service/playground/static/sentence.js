// The sentence with its slots marked, and what is selected in it. Labels are drawn by CSS, so that the
// element's text is the sentence and nothing else; it is editable so that carets and handles work, and edits nothing.

import { element } from "./dom.js";
import { toCodePoints, toUnits } from "./text.js";

const CHOSEN = "chosen";

/** Spans over a text as elements. `look(span)` gives the attributes of a mark. */
export function drawSentence(root, text, spans, look) {
  const points = Array.from(text);
  const pieces = [];
  let at = 0;
  for (const span of spans) {
    pieces.push(points.slice(at, span.start).join(""));
    pieces.push(element("mark", look(span), points.slice(span.start, span.end).join("")));
    at = span.end;
  }
  root.replaceChildren(...pieces.filter((piece) => piece !== ""), points.slice(at).join(""));
}

/** What is selected, `{start, end}` in code points; null where the selection is elsewhere. */
export function selection(root) {
  const selected = document.getSelection();
  if (!selected.rangeCount) return null;
  const range = selected.getRangeAt(0);
  if (!root.contains(range.commonAncestorContainer)) return null;
  const before = document.createRange();
  before.setStart(root, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const start = before.toString().length;
  return {
    start: toCodePoints(root.textContent, start),
    end: toCodePoints(root.textContent, start + range.toString().length),
  };
}

function rangeOf(root, { start, end }) {
  const range = document.createRange();
  const left = { setStart: toUnits(root.textContent, start), setEnd: toUnits(root.textContent, end) };
  const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const node = nodes.currentNode;
    for (const [edge, units] of Object.entries(left)) {
      // A start on the border of two nodes belongs to the second, an end to the first.
      if (units >= 0 && (edge === "setStart" ? units < node.length : units <= node.length)) {
        range[edge](node, units);
        left[edge] = -1;
      } else left[edge] -= units >= 0 ? node.length : 0;
    }
  }
  if (start === end) range.collapse(false);
  return range;
}

/** Select a stretch, as if by hand. */
export function select(root, stretch) {
  const selected = document.getSelection();
  selected.removeAllRanges();
  selected.addRange(rangeOf(root, stretch));
}

/** Keep a stretch visible as chosen when the focus has gone elsewhere; null ends it. */
export function showChosen(root, stretch) {
  if (!window.CSS?.highlights) return;
  if (stretch) CSS.highlights.set(CHOSEN, new Highlight(rangeOf(root, stretch)));
  else CSS.highlights.delete(CHOSEN);
}

/** Let carets move and nothing change: what slips through, as an input method may, is drawn over. */
export function keepReadOnly(root, redraw) {
  root.addEventListener("beforeinput", (event) => event.preventDefault());
  root.addEventListener("keydown", (event) => {
    // A document has one history: this would undo what was typed elsewhere.
    if ((event.ctrlKey || event.metaKey) && ["z", "y"].includes(event.key.toLowerCase())) event.preventDefault();
  });
  root.addEventListener("drop", (event) => event.preventDefault());
  for (const slipped of ["input", "compositionend"]) root.addEventListener(slipped, redraw);
}
