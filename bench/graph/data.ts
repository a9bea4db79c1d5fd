/** What the departments of the benchmarks' graph hold. Everything follows from indexes: every run and every machine has the same data. */
export interface Trader {
  readonly id: string;
  readonly name: string;
  readonly phone: string;
  readonly licence: string;
}

/** Something that is sold. */
export interface Ware {
  readonly code: string;
  readonly title: string;
  readonly price: number;
  readonly weight: number;
  readonly organic: boolean;
  /** 250 letters. */
  readonly label: string;
  readonly supplierId: string;
  readonly stock: number;
  readonly depot: { readonly name: string; readonly keeperId: string };
  readonly remarks: number;
}

/** What an inspector wrote of a ware. */
export interface Note {
  readonly id: string;
  readonly text: string;
  readonly stars: number;
  readonly wareCode: string;
}

/** One line of the market's ledger. */
export interface Entry {
  readonly number: number;
  readonly day: string;
  readonly text: string;
  readonly amount: number;
  readonly isSettled: boolean;
  readonly tags: readonly string[];
  readonly place: { readonly row: string; readonly stall: number } | null;
}

const tradersCount = 240;
const waresCount = 200;
const entriesCount = 4_700;
const notesOfTrader = 5;
const shiftsOfTrader = 2;
const keepersCount = 12;

const goods = ["Dried shrimp", "Green tea", "Rice wine", "Salted fish", "Lychees", "Star anise", "Lotus root", "Soy sauce", "Oyster sauce"];
const places = ["North Quay", "Ferry Steps", "Lantern Row", "Tram End", "Hill Gate"];
const remarks = ["fresh and well stored", "scales to be sealed anew", "label lacks its weight", "sold out before noon", "kept too warm"];

/** A trader by number; the same for every multiple of the count. */
export function traderAt(index: number): Trader {
  const number = index % tradersCount;
  return {
    id: `trader-${number}`,
    name: `${pick(["Wong", "Chan", "Lee", "Ho", "Fung", "Yip"], number)} & Sons, ${pick(places, number)} ${number}`,
    phone: `2${String(3_000_000 + number * 7_919).padStart(7, "0")}`,
    licence: `LC-${String(10_000 + number * 37)}`,
  };
}

/** A ware by number. */
export function wareAt(index: number): Ware {
  const number = index % waresCount;
  return {
    code: `ware-${number}`,
    title: `${pick(goods, number)}, grade ${number % 4}, lot ${number} “first choice”`,
    price: 120 + ((number * 53) % 900),
    weight: 50 + ((number * 31) % 450),
    organic: number % 3 === 0,
    label: `${pick(goods, number)}: ${pick(remarks, number)}. `.repeat(8).slice(0, 250),
    supplierId: traderAt(number).id,
    stock: (number * 17) % 90,
    depot: { name: `Depot ${pick(places, number)}`, keeperId: traderAt(number % keepersCount).id },
    remarks: number % 7,
  };
}

/** A ware by its code, of which there are as many as numbers: those beyond the count are like others in all but their code. */
export function wareBy(code: string): Ware {
  return { ...wareAt(numberOf(code)), code };
}

/** The notes that inspectors wrote about a trader. */
export function notesAbout(trader: Trader): readonly Note[] {
  return Array.from({ length: notesOfTrader }, (_, place) => noteAt(numberOf(trader.id) * notesOfTrader + place));
}

/** The notes of a trader's shifts; they hang on the licence, which the department of notes doesn't have. */
export function rotaOf(trader: Pick<Trader, "id" | "licence">): readonly Note[] {
  const first = Number(trader.licence.slice(-2));
  return Array.from({ length: shiftsOfTrader }, (_, place) => noteAt(first * shiftsOfTrader + place + 13));
}

/** A note by number. */
export function noteAt(index: number): Note {
  const number = index % 1_200;
  return {
    id: `note-${number}`,
    text: `Stall ${number % 60}: ${pick(remarks, number)}; ${pick(remarks, number + 2)}. Seen on day ${number % 28}.`,
    stars: 1 + (number % 5),
    wareCode: wareAt(number * 7).code,
  };
}

/** The market's ledger, about 1 MB as JSON. */
export function ledger(): readonly Entry[] {
  return Array.from({ length: entriesCount }, (_, number) => ({
    number,
    day: `2026-${String(1 + (number % 12)).padStart(2, "0")}-${String(1 + (number % 28)).padStart(2, "0")}`,
    text: `${pick(goods, number)} for ${pick(places, number * 3)}, \n${pick(remarks, number)}; carried over from page ${number % 97}`,
    amount: Math.round((number * 13.37) % 10_000) / 100,
    isSettled: number % 4 !== 0,
    tags: [pick(places, number), pick(goods, number + 1)],
    place: number % 5 === 0 ? null : { row: pick(places, number + 2), stall: number % 60 },
  }));
}

/** The number in an identifier such as `ware-17`. */
export function numberOf(id: string): number {
  return Number(id.slice(id.indexOf("-") + 1));
}

function pick(list: readonly string[], index: number): string {
  return list[index % list.length] ?? "";
}
