// Sentences to begin with. Those whose slots the served model does not have are left out.

const TRAVEL = [
  { text: "Arrive Taipei on November 2nd", lang: "en", slots: ["destination", "arrival_time"] },
  { text: "Leave Taipei on November 2nd", lang: "en", slots: ["origin", "departure_time"] },
  {
    text: "Two adults from Boston to New York via Chicago, next Friday after 6 pm, economy",
    lang: "en",
    slots: ["passengers", "origin", "destination", "stopover", "departure_time", "travel_class"],
  },
  { text: "to Osaka, no, from Osaka ✈️ back on Sunday", lang: "en", slots: ["destination", "origin", "return_time"] },
  { text: "San Diego, please", lang: "en", slots: ["destination"], requested_slot: "destination" },
  {
    text: "帮我订两张后天下午从北京到上海的高铁票",
    lang: "zh",
    slots: ["passengers", "departure_time", "origin", "destination", "transport_mode"],
  },
  { text: "下周五去台北，周日回来", lang: "zh", slots: ["departure_time", "destination", "return_time"] },
  { text: "明天早上九点前到浦东机场，经济舱", lang: "zh", slots: ["arrival_time", "destination", "travel_class"] },
];
const MOST = 6; // of a model with other slots: the sentences that it checks itself with

/** Examples for a model as GET /v1/model describes it. */
export function examplesFor({ languages, slots, smoke }) {
  const fits = (example) => languages.includes(example.lang) && example.slots.every((slot) => slot in slots);
  const fitting = TRAVEL.filter(fits);
  return fitting.length ? fitting : smoke.slice(0, MOST);
}
