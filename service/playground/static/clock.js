// Wall clocks and zones: the API wants a moment with its offset.

export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export const zones = () => Intl.supportedValuesOf?.("timeZone") ?? [];

/** The offset of a zone at a moment (milliseconds since 1970), as "+08:00"; RangeError where there is no such zone. */
function offset(zone, moment) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(moment);
  const name = parts.find((part) => part.type === "timeZoneName").value; // GMT+08:00, or GMT alone
  return name.slice(3, 9) || "+00:00";
}

const milliseconds = (shift) =>
  (shift.startsWith("-") ? -1 : 1) * (Number(shift.slice(1, 3)) * 60 + Number(shift.slice(4, 6))) * 60_000;

/** "2026-11-20T10:00" on the clocks of a zone, as ISO 8601 with offset. */
export function withOffset(wall, zone) {
  const seconds = wall.length === 16 ? `${wall}:00` : wall;
  try {
    const near = offset(zone, Date.parse(`${seconds}Z`));
    return seconds + offset(zone, Date.parse(`${seconds}Z`) - milliseconds(near));
  } catch {
    return `${seconds}+00:00`; // the service says what is wrong with the zone
  }
}
