// A sentence and its settings to the part of the address that is never sent, and back.

const FIELDS = ["text", "lang", "requested_slot", "timezone", "reference"];

/** `#text=...&lang=...`; what is empty is left out. */
export function toFragment(asked) {
  const said = new URLSearchParams();
  for (const field of FIELDS) if (asked[field]) said.set(field, asked[field]);
  return `#${said}`;
}

/** What a fragment says, or null where it holds no sentence. */
export function fromFragment(fragment) {
  const said = new URLSearchParams(fragment.replace(/^#/, ""));
  return said.has("text") ? Object.fromEntries(FIELDS.map((field) => [field, said.get(field) ?? ""])) : null;
}
