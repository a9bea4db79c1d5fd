import type { Mask } from "../../policies/engine/words.ts";
import { hashTexts } from "../federation/chance.ts";
import { today } from "./classify.ts";

const districts = ["Sha Tin", "Wan Chai", "Tai Po"] as const;

/** Makes of a text one that a mask is for, so that the mask leaves something of it. Equal texts give equal ones. */
export function shapeFor({ kind }: Mask, text: string): string {
  const number = hashTexts(text);
  const two = (value: number): string => String(value).padStart(2, "0");
  switch (kind) {
    case "year":
      return `20${two(number % 30)}-${two(1 + (number % 12))}-${two(1 + (number % 28))}`;
    case "band":
      return String(number % 100);
    case "district":
      return `Flat ${number % 500}, ${districts[number % districts.length]}`;
    case "initials":
      return `${"ABC"[number % 3]}${word(number)} ${"XYZ"[(number >> 4) % 3]}${word(number + 1)}`;
    default:
      return text;
  }
}

/** Makes of a text one that may be the day of a request, or its case. Equal texts give equal ones. */
export function shapeForRequest(text: string): string {
  return [today, "A-1", "B-1", text][hashTexts("request", text) % 4] ?? text;
}

/** Another text of which the mask leaves the same. A pseudonym tells of every difference. */
export function blurredTwin(mask: Mask, text: string): string {
  const number = hashTexts("twin", text);
  switch (mask.kind) {
    case "year":
      return text.replace(/^(\d{4})-\d{2}-\d{2}$/, (_, year: string) => `${year}-0${1 + (number % 9)}-1${number % 10}`);
    case "band": {
      const value = Number(text);
      if (!/^\d+$/.test(text)) return text;
      return String(value < 50 ? (value + 1 + (number % 40)) % 50 : 50 + ((value - 50 + 1 + (number % 40)) % 50));
    }
    case "district":
      return text.replace(/^Flat \d+/, `Flat ${number % 500}`);
    case "initials":
      return text.replaceAll(/\b([A-Z])[a-z]+/g, (_, letter: string) => letter + word(number));
    case "exists":
      return text === "" ? text : `other${number % 1_000}`;
    case "keep":
      return keptTwin(text, mask.first, mask.last);
    case "pseudonym":
      return text;
  }
}

function word(number: number): string {
  return Array.from({ length: 4 }, (_, index) => "aeioumnt"[(number >> (index * 3)) & 7]).join("");
}

/** Only what the mask hides changes, and nothing of how long it is. */
function keptTwin(text: string, first: number, last: number): string {
  const points = Array.from(text);
  const isShort = points.length <= first + last;
  return points
    .map((point, index) =>
      isShort || (index >= first && index < points.length - last) ? (hashTexts(point, "twin") % 36).toString(36) : point,
    )
    .join("");
}

/** Another value of the same kind; a list may get another length. */
export function alterLeaf(value: unknown): unknown {
  if (Array.isArray(value)) return [...value.map(alterLeaf), ...(value.length > 0 ? [alterLeaf(value[0])] : [])];
  if (typeof value === "number") return (value * 7 + 13) % 1_000;
  if (typeof value === "string") return value.length % 3 === 0 ? null : `other-${hashTexts(value) % 1_000}`;
  if (value === null) return null;
  return value;
}
