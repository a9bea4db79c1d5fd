/**
 * Letters of the identity card numbers of the synthetic population. No card is known to have been issued with them: the series in use
 * begin with one letter, or with EC, WX or X and another letter.
 */
export const RESERVED_LETTERS = "QQ";

const WIDTH = 8;
const SPACE = 36;

/**
 * Makes a Hong Kong identity card number such as A123456(3).
 *
 * The check character makes the sum of all characters times their weights, 9 for the first of eight down to 2 for the last and 1 for itself,
 * divisible by 11. A missing first letter counts 36, letters count 10 (A) to 35 (Z), and the check value 10 is written A.
 *
 * @param letters One or two capital letters.
 * @param number 0 to 999999.
 */
export function formatHkid(letters: string, number: number): string {
  const body = `${letters}${String(number).padStart(6, "0")}`;
  return `${body}(${checkCharacter(body)})`;
}

function checkCharacter(body: string): string {
  let sum = 0;
  for (let index = 0; index < WIDTH; index += 1) sum += (WIDTH + 1 - index) * valueOf(body.padStart(WIDTH).charAt(index));
  const check = (11 - (sum % 11)) % 11;
  return check === 10 ? "A" : String(check);
}

function valueOf(character: string): number {
  if (character === " ") return SPACE;
  return /\d/.test(character) ? Number(character) : character.charCodeAt(0) - "A".charCodeAt(0) + 10;
}
