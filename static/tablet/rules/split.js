/** split(amount, count) → shares in fen that add up to the amount (db/rules/money.py does the same). Pure. */

/**
 * What cannot be shared goes to the first ones, one fen each.
 * @param {number} amount fen @param {number} count at least 1 @returns {number[]}
 */
export function split(amount, count) {
  const each = Math.floor(amount / count);
  const left = amount - each * count;
  return Array.from({ length: count }, (_, place) => each + (place < left ? 1 : 0));
}
