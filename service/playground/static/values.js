// A value as people read it: one line, and what else is worth saying.

const words = (name) => name.replaceAll("_", " ");
const regions = new Intl.DisplayNames(["en"], { type: "region" });

/** Clocks of the value's own zone: what stands in the ISO string, whatever zone the browser is in. */
const wall = (iso) => new Date(`${iso.slice(0, 16)}Z`);
const formatted = (options) => {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
  return (date) => format.format(date);
};
const day = formatted({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const hour = formatted({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const moment = (date, grain) => (grain === "day" ? day(date) : `${day(date)}, ${hour(date)}`);
const isMidnight = (date) => date.getTime() % 86_400_000 === 0;
const justBefore = (date) => new Date(date.getTime() - 1);

function stretch(from, to) {
  const last = justBefore(to);
  if (isMidnight(from) && isMidnight(to)) return day(from) === day(last) ? day(from) : `${day(from)} to ${day(last)}`;
  const end = isMidnight(to) ? "24:00" : hour(to);
  return day(from) === day(last) ? `${day(from)}, ${hour(from)} to ${end}` : `${moment(from)} to ${moment(to)}`;
}

const UNITS = { Y: "year", M: "month", W: "week", D: "day", H: "hour", m: "minute", S: "second" };

/** P1DT2H -> 1 day 2 hours. */
function duration(iso) {
  const [days, time = ""] = iso.slice(1).split("T");
  const parts = `${days}${time.replace("M", "m")}`.match(/[\d.]+[A-Za-z]/g) ?? [];
  const said = ([number, unit]) => `${number} ${UNITS[unit]}${number === "1" ? "" : "s"}`;
  return parts.map((part) => said([part.slice(0, -1), part.at(-1)])).join(" ");
}

const TIMES = {
  date: ({ start, end }) => stretch(wall(start), wall(end)),
  datetime: ({ start }) => moment(wall(start)),
  interval: ({ start, end }) => stretch(wall(start), wall(end)),
  after: ({ start, grain }) => `from ${moment(wall(start), grain)} on`,
  before: ({ end, grain }) => `until ${moment(wall(end), grain)}`,
  duration: ({ value }) => duration(value),
};

function place({ name, kind, admin1, country, iata = [] }) {
  const where = [name, admin1 === name ? null : admin1, kind === "country" ? null : country && regions.of(country)];
  const codes = iata.length > 5 ? [...iata.slice(0, 5), "…"] : iata;
  const said = where.filter(Boolean).join(", ") + (kind === "city" ? "" : ` (${kind})`);
  return [said, codes.join(" ")].filter(Boolean).join(" · ");
}

function bounds(minimum, maximum) {
  if (minimum === null) return `at most ${maximum}`;
  return maximum === null ? `at least ${minimum}` : `${minimum} to ${maximum}`;
}

function count({ value, minimum, maximum, breakdown }) {
  const number = minimum === maximum ? String(value) : bounds(minimum, maximum);
  const parts = Object.entries(breakdown ?? {}).filter(([, of]) => of);
  return parts.length ? `${number} (${parts.map(([who, of]) => `${of} ${who}`).join(", ")})` : number;
}

const LINES = {
  place,
  count,
  time: (value) => TIMES[value.kind](value),
  text: ({ value }) => String(value),
};

/** One line; what has no such form is shown as it is. */
export function line(value) {
  if (value.status === "unresolved") return `no value: ${words(value.reason ?? "unresolved")}`;
  try {
    return LINES[value.type](value);
  } catch {
    return typeof value.value === "string" ? value.value : JSON.stringify(value);
  }
}

/** day_part:morning=06-12 -> day part morning 06-12. */
const assumption = (said) => said.replace(/^\w+/, words).replace(/[:=]/g, " ");

/** Its clock, what was taken for granted, and other readings. */
export function notes(value) {
  const others = (value.alternatives ?? []).map((other) => line({ type: value.type, ...other }));
  return [
    value.type === "time" && value.timezone && value.kind !== "duration" ? `clock of ${value.timezone}` : null,
    value.status === "ambiguous" ? "ambiguous" : null,
    value.assumptions?.length ? `assumed: ${value.assumptions.map(assumption).join(", ")}` : null,
    others.length ? `or ${others.join("; or ")}` : null,
  ].filter(Boolean);
}
