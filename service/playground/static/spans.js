// Slots over a text, `{slot, start, end}` in code points, and what a correction changes in them.

export const overlap = (a, b) => a.start < b.end && b.start < a.end;
export const equal = (a, b) => a.slot === b.slot && a.start === b.start && a.end === b.end;

/** The spans with one more; what it overlaps gives way. */
export function labelled(spans, added) {
  return [...spans.filter((span) => !overlap(span, added)), added].sort((a, b) => a.start - b.start);
}

/** The spans without those that a stretch touches. */
export const unlabelled = (spans, stretch) => spans.filter((span) => !overlap(span, stretch));

export const same = (a, b) => a.length === b.length && a.every((span) => b.some((other) => equal(span, other)));

/** What became of `before`: `{before, after}` each, null on one side for what was added or removed. */
export function changes(before, after) {
  const gone = before.filter((span) => !after.some((other) => equal(span, other)));
  const come = after.filter((span) => !before.some((other) => equal(span, other)));
  const became = come.map((span) => {
    const place = gone.findIndex((other) => overlap(span, other));
    return { before: place < 0 ? null : gone.splice(place, 1)[0], after: span };
  });
  return [...became, ...gone.map((span) => ({ before: span, after: null }))].sort(
    (a, b) => (a.after ?? a.before).start - (b.after ?? b.before).start,
  );
}
