/**
 * What has been entered about rooms and not recorded yet, and recording it. Kept in `meta`: `rounds` (drafts by room) and `photos`
 * (of drafts, by SHA-256), so that a page that is killed goes on where it was; a room is recorded whole or not at all.
 */

import { named, t } from "./i18n.js";
import { recordAll } from "./journal.js";
import { damageName, keyOf } from "./rounds.js";
import { outcomes } from "./rules/round.js";
import { state } from "./state.js";
import { editMeta, readMeta, STRICT } from "./store.js";
import { entriesWait } from "./sync.js";

const MOST_PHOTOS = 20; // in one entry
const MOST_WORDS = 600;

/**
 * @typedef {import("./rounds.js").Place} Place
 * @typedef {import("./rounds.js").Resident} Resident
 */

/** What has been entered about a room; what this tablet noted there before begins it. @param {Place} where @param {Resident[]} people */
export async function draftOf(where, people) {
  const { rounds = {} } = await readMeta("rounds");
  if (rounds[keyOf(where)]) return rounds[keyOf(where)];
  const newest = people.filter(({ noted }) => noted).map(({ last }) => last).sort((a, b) => a.made - b.made).at(-1);
  return { checks: { ...newest?.payload.round.inspection }, keys: [], out: [], damages: [], since: newest?.made ?? null };
}

/** @param {Place} where @param {import("./rules/round.js").Draft} draft @param {import("./attachments.js").Attachment[]} [photos] to keep with it */
export function keepDraft(where, draft, photos = []) {
  return editMeta(["rounds", "photos"], ({ rounds = {}, photos: kept = {} }) => {
    const drafts = { ...rounds, [keyOf(where)]: draft };
    return { rounds: drafts, photos: stillUsed(drafts, { ...kept, ...Object.fromEntries(photos.map((one) => [one.sha256, one])) }) };
  }, STRICT);
}

/** @param {Place} where @returns {number} how many more photos fit */
export const photosLeft = ({ damages }) => MOST_PHOTOS - damages.reduce((sum, { photos }) => sum + photos.length, 0);

/**
 * Records what the room comes to, all of it or nothing, and gives up the draft with it.
 * @param {Place} where @param {Resident[]} people @param {object} draft
 * @returns {Promise<import("./store.js").Kept[]>}
 * @throws {import("./journal.js").NotRecorded}
 */
export async function recordRoom(where, people, draft) {
  const { rounds: drafts = {}, photos = {} } = await readMeta("rounds", "photos");
  const step = people[0].line.step;
  const all = outcomes(people, draft, step.rounds).flatMap((outcome, i) => {
    return outcome.act ? [entryOf(people[i], outcome, { where, draft, step, photos })] : [];
  });
  if (!all.length) return [];
  const { [keyOf(where)]: done, ...left } = drafts;
  const made = await recordAll(all, { rounds: left, photos: stillUsed(left, photos) });
  await entriesWait();
  return made;
}

function entryOf({ ref, look, line, last, owed }, outcome, { where, draft, step, photos }) {
  const { snapshot } = look;
  const names = [...new Set((outcome.fresh ?? []).flatMap((damage) => damage.photos))];
  return {
    draft: {
      act: outcome.act, operator: state.operator.id, shift: state.operator.shift, station: snapshot.station.code, student: ref,
      step: step.code, saw: line.cell?.heads ?? [], card: null, reason: reasonOf(outcome, step), amount: outcome.amount || null,
      attachments: names.map((name) => photos[name]).filter(Boolean),
      attached: owed ? last.payload.attachments.filter((name) => !names.includes(name)).slice(0, MOST_PHOTOS - names.length) : [],
      round: {
        room: [where.building, where.room].filter(Boolean).join(" "), inspection: draft.checks,
        key: step.rounds.key ? draft.keys.includes(ref) : null, damages: outcome.damages ?? [],
      },
    },
    context: { before: line.cell, offset: state.offset, cursor: snapshot.cursor },
  };
}

/** The reason in the plan's code, and beside it what it was about. */
function reasonOf({ act, why, reason, damages = [], failed = [] }, { rounds }) {
  if (act === "clear") return null;
  if (act === "note") return t(`round.note.${why === "key" ? "key" : "other"}`);
  const wrong = rounds.inspection.filter(({ code }) => failed.includes(code)).map(named);
  const words = [...damages.map((one) => damageName(one, rounds)), ...(wrong.length ? [t("round.failed", { what: wrong.join(t("round.and")) })] : [])];
  return `${reason}: ${words.join(t("round.and"))}`.slice(0, MOST_WORDS);
}

/** Whether nothing has been entered yet, so that one tap may say that everything is in order. */
export const untouched = (draft) => !Object.keys(draft.checks).length && !draft.damages.length && !draft.keys.length;

/** The draft of a clean room with all keys back. */
export const cleanRoom = (draft, people, { rounds }) => ({
  ...draft, checks: Object.fromEntries(rounds.inspection.map(({ code }) => [code, true])),
  keys: rounds.key ? people.filter(({ code }) => code === "may-clear").map(({ ref }) => ref) : [],
});

function stillUsed(drafts, photos) {
  const used = new Set(Object.values(drafts).flatMap(({ damages }) => damages.flatMap((damage) => damage.photos)));
  return Object.fromEntries(Object.entries(photos).filter(([name]) => used.has(name)));
}
