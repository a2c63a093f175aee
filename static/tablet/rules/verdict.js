/** verdict(input) → verdict: what one card means for one step, here and now (the table in docs/rules.md). Pure. */

const SETTLED = new Set(["cleared", "collected", "waived", "not-applicable"]);
const BAD_CARD = {
  unreadable: "card-unreadable", forged: "card-forged", "unknown-key": "card-unknown-key", rehearsal: "card-rehearsal", expired: "card-expired",
};
/** Codes and tones of the states that decide by themselves, once a conflict has been ruled out. */
const BY_STATE = {
  "cleared": ["already-cleared", "grey"],
  "waived": ["already-cleared", "grey"],
  "unknown": ["unknown", "amber"],
  "submitted": ["submitted", "amber"],
};

/** How long the portal's own answer about one graduate is good for. */
export const ASKED_MS = 120_000;

/**
 * @typedef {{custody: boolean, asked?: string | null, elsewhere?: boolean}} Hand whether this tablet has custody of what is handed
 *   over, when the portal was asked about this graduate, and whether it said that another tablet has custody
 * @typedef {{code: string, tone: "green"|"amber"|"red"|"grey"|"violet", act: "clear"|"collect"|null, blocked_by?: string[],
 *   reason?: string, by?: string, as_of?: string, conflict?: string, newer?: true, late?: true, proxy?: object}} Verdict
 */

/**
 * @param {{card: import("./card.js").Reading, student: object | null, step: object, seen_gen: number | null, now: string, known?: string | null,
 *   hand?: Hand | null}} input `known`: the moment of the data
 * @returns {Verdict}
 */
export function verdict({ card, student, step, seen_gen, now, known, hand }) {
  if (BAD_CARD[card.status]) return violet(BAD_CARD[card.status]);
  if (!student) return violet("not-in-data");
  const moment = Date.parse(now);
  const own = card.status === "valid" && card.prx === undefined;
  const newer = own && card.gen > student.gen ? { newer: true } : {};

  if (own && card.gen < Math.max(student.gen, seen_gen ?? 0)) return violet("card-replaced");
  if (own && student.card === "revoked" && !newer.newer) return violet("card-revoked");
  const proxy = card.prx === undefined ? undefined : (student.proxies ?? []).find((one) => one.id === card.prx);
  if (card.prx !== undefined) {
    const fault = proxyFault(card, proxy, step, moment);
    if (fault) return violet(fault);
  }
  const cell = student.steps[step.code];
  if (!cell) return violet("not-in-data");
  return { ...judge(cell, student, step, { moment, known, hand }), ...told(cell), ...newer, ...(proxy && { proxy }) };
}

/** Rows 7 to 19: the card is right, the state of the step decides. */
function judge(cell, student, step, { moment, known, hand }) {
  if (cell.state === "not-applicable") return says("not-applicable", "grey");
  if (cell.state === "collected") return says("already-collected", "red");
  if (cell.conflict) return says("conflict", "amber");
  if (cell.state === "held") return says("held", "red", step.how === "collect" ? null : "clear");
  if (BY_STATE[cell.state]) return says(...BY_STATE[cell.state]);
  if (step.opens && moment < Date.parse(step.opens)) return says("not-open", "amber");
  const blocked_by = step.blocked_by.filter((code) => !isSettled(student.steps[code]));
  if (blocked_by.length) return { ...says("blocked", "amber"), blocked_by };
  const doubt = doubtOf(step, moment, known, hand);
  if (doubt) return says(doubt, "amber");
  const late = step.closes && moment > Date.parse(step.closes) ? { late: true } : {};
  const act = step.how === "collect" ? "collect" : "clear";
  return { ...says(`may-${act}`, "green", act), ...late };
}

/** Why what is known here is not enough to act on: custody of what is handed over, and the age of the data. */
function doubtOf(step, moment, known, hand) {
  if (hand?.elsewhere) return "custody-elsewhere";
  if (hand?.asked && Math.abs(moment - Date.parse(hand.asked)) <= ASKED_MS) return null;
  if (hand && !hand.custody && step.how === "collect") return "ask-portal";
  // Data from the future says that a clock was moved: nobody can tell then how old it is.
  const old = step.fresh_minutes && known && Math.abs(moment - Date.parse(known)) > step.fresh_minutes * 60_000;
  return old ? "data-old" : null;
}

function proxyFault(card, proxy, step, moment) {
  if (!proxy) return "proxy-unknown";
  if (card.gen < proxy.gen) return "card-replaced";
  if (moment >= Date.parse(proxy.until)) return "proxy-expired";
  return proxy.steps.includes(step.code) ? null : "proxy-not-for-step";
}

/** A blocking step tells only whether it is settled, unless this station acts on it too. */
function isSettled(cell) {
  if (!cell) return false;
  return cell.state === undefined ? cell.settled === true : SETTLED.has(cell.state);
}

function told({ reason, by, as_of, conflict }) {
  const given = Object.entries({ reason, by, as_of, conflict }).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given);
}

function says(code, tone, act = null) {
  return { code, tone, act };
}

function violet(code) {
  return says(code, "violet");
}
