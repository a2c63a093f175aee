/** place(label) → where a room is: building, floor and room told apart (db/rules/rooms.py does the same). Pure. */

const ROOM_AFTER_SPACE = /^(.+) (\S*[0-9]\S*)$/;
const ROOM_AFTER_HOUSE = /^(.*(?:栋|幢|号楼|公寓|宿舍|座|苑|园|舍))[-#]?([^栋幢座苑园舍]*[0-9][^栋幢座苑园舍]*)$/;
const BARE_ROOM = /^[A-Za-z]?[0-9]{2,4}[A-Za-z]?$/;
const ROOM_AFTER_DASH = /^(.*[0-9A-Za-z])[-#]([0-9]{3,4}.*)$/;

/** @param {string} label @returns {{building: string, floor: string, room: string}} empty where the label does not say */
export function place(label) {
  const text = label.normalize("NFKC").split(/\s+/).filter(Boolean).join(" ");
  for (const pattern of [ROOM_AFTER_SPACE, ROOM_AFTER_DASH, ROOM_AFTER_HOUSE]) {
    const found = pattern.exec(text);
    if (found) return { building: found[1], floor: floorOf(found[2]), room: found[2] };
  }
  if (BARE_ROOM.test(text)) return { building: "", floor: floorOf(text), room: text };
  return { building: text, floor: "", room: "" };
}

/** 305 and 3-05 are on floor 3, 1205 on 12; of 12 or of a name nobody can tell. */
function floorOf(room) {
  const long = /[0-9]{3,}/.exec(room);
  if (long) return long[0].slice(0, -2).replace(/^0+/, "");
  return (/^([0-9]{1,2})[^0-9]+[0-9]{1,2}(?![0-9])/.exec(room)?.[1] ?? "").replace(/^0+/, "");
}

/** Labels as people count: 2 before 10. */
export const inOrder = new Intl.Collator("zh", { numeric: true }).compare;
