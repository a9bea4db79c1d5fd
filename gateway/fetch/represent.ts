import { type Code, literal } from "../core/code.ts";
import { HubError } from "../core/errors.ts";
import { childTexts, createFrame, type Frame, layersText, listTexts, readText, type Supply, valueNames } from "../core/frame.ts";
import type { Attachment, Entry, FetchStep, FixedValue, Place, RequiredSelection, Slot } from "../core/layout.ts";
import { quote } from "../core/quote.ts";
import type { Surroundings } from "./representations.ts";
import type { TypeKnowledge } from "./types.ts";

/** What the text that writes representations is made from. */
export interface RepresentationOptions {
  readonly attachment: Pick<Attachment, "requires">;
  /** Chooses the values that the planner has set; undefined where it has set none. */
  readonly choose: ReturnType<typeof createChooser> | undefined;
  /** Its earlier ones have ended by then: their layers may be read. */
  readonly fetch: Pick<FetchStep, "earlier">;
  readonly types: TypeKnowledge;
  readonly code: Code;
  readonly supply: Supply;
  /** Where the objects are. */
  readonly frame: Frame;
}

/** Text around the representations of one attachment. */
export interface RepresentationText {
  /** Declares `typeName`, or returns where an object can't be represented. */
  readonly type: string;
  /** Declares `text`, the representation as JSON, or returns when a required field was never delivered: the entity is then left out. */
  readonly whole: string;
  /** Where the type and some leaves are all that a representation holds. */
  readonly flat: FlatText | undefined;
}

/** Representations that their leaves tell apart. */
export interface FlatText {
  /** Declares the leaves. */
  readonly read: string;
  /** Names of the leaves. */
  readonly leaves: readonly string[];
  /** Whether the type and the leaves, none of them an object, are all of it. */
  readonly test: string;
  /** The representation, of the leaves. */
  readonly write: string;
}

/**
 * The text that writes the representation of a frame's object as JSON, which is also its key when equal ones are sent once.
 *
 * @throws {HubError} OPERATION_NOT_SUPPORTED when no call delivers a required field.
 */
export function representationText(options: RepresentationOptions): RepresentationText {
  const { code, attachment, choose } = options;
  const { requires } = attachment;
  const sole = soleType(requires);
  const fixed = choose === undefined ? "" : `const fixed = ${code.refer(choose)}(typeName);\n`;
  const context = { ...options, hasFixed: fixed !== "", likelyType: sole };
  return {
    type: `${typeNameText(options, sole)}${sole === undefined ? "if (typeName === undefined) return;\n" : ""}`,
    flat: fixed === "" ? flatText(context) : undefined,
    whole: `${fixed}let text = "";
${membersText(context, requires, "yes")}if (text === "") return;
text = "{" + text + "}";
`,
  };
}

function flatText(context: MembersContext): FlatText | undefined {
  const { attachment, frame, code } = context;
  const flat = flatFields(attachment.requires);
  if (flat === undefined) return undefined;
  const { type, fields } = flat;
  const leaves: string[] = [];
  let read = "";
  let write = literal(`{"__typename":${literal(type)}`);
  for (const field of fields) {
    const leaf = frame.local("leaf");
    const [first, ...others] = readsOf(context, field);
    read += `let ${leaf} = ${first};\n${others.map((other) => `if (${leaf} === undefined) ${leaf} = ${other};\n`).join("")}if (${leaf} === undefined) return;\n`;
    write += ` + ${literal(`,${literal(field.name)}:`)} + ${code.refer(leafTextOf)}(${leaf})`;
    leaves.push(leaf);
  }
  const tests = leaves.map((leaf) => `(typeof ${leaf} !== "object" || ${leaf} === null)`);
  return { read, leaves, test: [`typeName === ${literal(type)}`, ...tests].join(" && "), write: `${write} + "}"` };
}

/** What stands around the one leaf that a representation may hold beside its type, where that leaf is a string. */
export function surroundingsOf(requires: readonly RequiredSelection[]): Surroundings {
  const { type = "", fields = [] } = flatFields(requires) ?? {};
  const [field] = fields;
  return { before: `{"__typename":${literal(type)},${literal(field?.name ?? "")}:"`, after: `"}` };
}

interface FlatFields {
  readonly type: string;
  readonly fields: readonly RequiredField[];
}

/** The leaves that, with the type, are all of a representation. */
function flatFields(requires: readonly RequiredSelection[]): FlatFields | undefined {
  const type = soleType(requires);
  const [fragment] = requires;
  if (type === undefined || fragment?.kind !== "fragment") return undefined;
  const [typeName, ...fields] = fragment.selections;
  if (typeName?.kind !== "field" || typeName.name !== "__typename" || fields.length === 0) return undefined;
  return fields.every(isLeaf) ? { type, fields } : undefined;
}

function isLeaf(field: RequiredSelection): field is RequiredField {
  return field.kind === "field" && field.name !== "__typename" && field.selections === undefined;
}

/** Reads a required leaf from the layers that were asked for it, in the plan's order. */
function readsOf(context: MembersContext, selection: RequiredField): readonly string[] {
  const sources = sourcesOf(context, selection);
  return [...sources, ...othersOf(context, sources)].map(({ slotIndex, entry }) =>
    readText(context.frame.layer(slotIndex), entry.sourceKey),
  );
}

/** A leaf as JSON; undefined for what is no JSON. */
function leafTextOf(value: unknown): string | undefined {
  if (typeof value === "string") return quote(value);
  return Number.isSafeInteger(value) ? `${value as number}` : JSON.stringify(value);
}

/** Objects of a concrete type needn't be asked for their type; the representation's own condition then tells it. */
function soleType(requires: readonly RequiredSelection[]): string | undefined {
  const [only, ...others] = requires;
  return only?.kind === "fragment" && others.length === 0 ? only.typeCondition : undefined;
}

/** Declares `typeName`. @param likely The type that is looked for first, and taken where none is told. */
function typeNameText({ code, types, frame }: RepresentationOptions, likely: string | undefined): string {
  const find = `${code.refer(types.typeNameOf)}(${frame.all()})`;
  const told = toldType(frame);
  if (likely === undefined) return `const typeName = ${find};\n`;
  if (told === undefined || !types.isObjectType(likely)) return `const typeName = ${find} ?? ${literal(likely)};\n`;
  return `const told = ${told};\nconst typeName = told === ${literal(likely)} ? told : ${find} ?? ${literal(likely)};\n`;
}

/** Reads the type that an object's first layer that was asked for it tells. */
export function toldType(frame: Frame): string | undefined {
  const slot = frame.place.slots.find(({ entries }) => entries.some(({ sourceKey }) => sourceKey === "__typename"));
  return slot === undefined ? undefined : readText(frame.layer(slot.index), "__typename");
}

/** Chooses the values that the planner has set for objects of a type. */
export function createChooser(all: readonly FixedValue[], types: TypeKnowledge): (typeName: string) => ReadonlyMap<string, string> {
  return (typeName) => {
    const own = all.filter(({ typeNames }) => typeNames === undefined || typeNames.some((name) => types.isRelated(typeName, name)));
    // The first one of a name counts.
    return new Map(own.toReversed().map(({ name, value }) => [name, value]));
  };
}

/** Members of one object, while their text is written. */
interface MembersContext extends RepresentationOptions {
  /** Whether the variable `fixed` holds values that the planner has set. */
  readonly hasFixed: boolean;
  readonly likelyType: string | undefined;
}

/** What is known of whether the variable `text` is empty. */
type Emptiness = "yes" | "no" | "unknown";

const separators: Readonly<Record<Emptiness, string>> = { yes: "", no: `"," + `, unknown: `(text === "" ? "" : ",") + ` };

/** Adds members to the variable `text`. */
function membersText(context: MembersContext, selections: readonly RequiredSelection[], isEmpty: Emptiness): string {
  let now = isEmpty;
  return selections
    .map((selection) => {
      const separator = separators[now];
      if (selection.kind === "fragment") {
        const inner = membersText(context, selection.selections, now);
        if (now === "yes") now = "unknown";
        return `if (${conditionText(context, selection.typeCondition)}) {\n${inner}}\n`;
      }
      now = "no";
      if (selection.name === "__typename") return typeMemberText(context, separator);
      return fieldText(context, selection, separator);
    })
    .join("");
}

function conditionText({ code, types }: MembersContext, condition: string): string {
  const isRelated = code.refer(types.isRelated);
  return `typeName === undefined || typeName === ${literal(condition)} || ${isRelated}(typeName, ${literal(condition)})`;
}

function typeMemberText({ code, hasFixed, likelyType }: MembersContext, separator: string): string {
  const name = hasFixed ? `(fixed.get("__typename") ?? typeName)` : "typeName";
  const quoted = `${code.refer(quote)}(${name})`;
  const text =
    likelyType === undefined || hasFixed ? quoted : `(typeName === ${literal(likelyType)} ? ${literal(literal(likelyType))} : ${quoted})`;
  return `if (${name} === undefined) return;\ntext += ${separator}${literal(`"__typename":`)} + ${text};\n`;
}

type RequiredField = RequiredSelection & { readonly kind: "field" };

function fieldText(context: MembersContext, selection: RequiredField, separator: string): string {
  const { frame, hasFixed } = context;
  const part = frame.local("part");
  const value = selection.selections === undefined ? leafText(context, selection, part) : objectText(context, selection, part);
  const found = hasFixed
    ? `${part} = fixed.get(${literal(selection.name)});\nif (${part} === undefined) {\n${value}} else ${part} = JSON.stringify(${part});\n`
    : value;
  return `let ${part};\n${found}if (${part} === undefined) return;\ntext += ${separator}${literal(`${literal(selection.name)}:`)} + ${part};\n`;
}

interface Source {
  readonly slotIndex: number;
  readonly entry: Entry;
}

/** The layers that may be read. */
function readableSlots({ frame, fetch }: MembersContext): readonly Slot[] {
  return frame.place.slots.filter((slot) => fetch.earlier.has(slot.fetchId));
}

/** Where the caller's own names brought the same leaf: what is left when the call that the plan asked for it has failed. */
function othersOf(context: MembersContext, sources: readonly Source[]): readonly Source[] {
  const keys = new Set(sources.map(({ entry }) => entry.sourceKey));
  const signatures = new Set(sources.map(({ entry }) => entry.signature));
  if (signatures.size > 1) return [];
  return readableSlots(context).flatMap((slot) => {
    const same = slot.entries.filter((entry) => signatures.has(entry.signature) && !keys.has(entry.sourceKey));
    const clear = same.filter((entry) =>
      slot.entries.every((other) => other.sourceKey !== entry.sourceKey || signatures.has(other.signature)),
    );
    return clear.map((entry) => ({ slotIndex: slot.index, entry }));
  });
}

/** The layers that were asked for a required field, in the plan's order. */
function sourcesOf(context: MembersContext, selection: RequiredField): readonly Source[] {
  const readable = readableSlots(context);
  const find = (isMatch: (entry: Entry) => boolean): Source[] =>
    readable.flatMap((slot) => slot.entries.filter(isMatch).map((entry) => ({ slotIndex: slot.index, entry })));
  const byKey = find((entry) => entry.sourceKey === selection.sourceKey && entry.fieldName === selection.name);
  const sources =
    byKey.length > 0 ? byKey : find((entry) => entry.responseKey === selection.sourceKey && entry.fieldName === selection.name);
  if (sources.length > 0) return sources;
  throw new HubError(
    "OPERATION_NOT_SUPPORTED",
    `The plan of this operation needs the field ${selection.name}, which no earlier call delivers.`,
    {
      field: selection.name,
    },
  );
}

function leafText(context: MembersContext, selection: RequiredField, part: string): string {
  const { code, frame } = context;
  const value = frame.local("leaf");
  const [first, ...others] = readsOf(context, selection);
  const reads = others.map((read) => `if (${value} === undefined) ${value} = ${read};\n`).join("");
  return `let ${value} = ${first};\n${reads}${part} = ${code.refer(leafTextOf)}(${value});\n`;
}

/** A required object or list of objects, from the first place that holds something. */
function objectText(context: MembersContext, selection: RequiredField, part: string): string {
  const { frame } = context;
  const places = [...new Set(sourcesOf(context, selection).flatMap(({ entry }) => entry.child ?? []))];
  const choices = places.map((child) => {
    const values = child.inner.map(() => frame.local("held"));
    const reads = childTexts(frame, child).map((read, index) => `const ${values[index]} = ${read};\n`);
    const isThere = values.map((value) => `${value} !== undefined`).join(" || ");
    const write = nestedText(context, child, selection.selections ?? []);
    return { reads: reads.join(""), isThere: isThere === "" ? "false" : isThere, call: `${write}(${["walk", ...values].join(", ")})` };
  });
  const reads = choices.map((choice) => choice.reads).join("");
  return `${reads}${choices.map(({ isThere, call }) => `if (${isThere}) ${part} = ${call};\n`).join("else ")}`;
}

/** Defines the function that writes the objects of a place below the entity's. @returns its name. */
function nestedText(context: MembersContext, place: Place, selections: readonly RequiredSelection[]): string {
  const { code, types, supply } = context;
  const values = valueNames(place);
  const frame = createFrame(place, supply);
  const find = `${code.refer(types.typeNameOf)}(${frame.all()})`;
  const members = membersText({ ...context, frame, hasFixed: false, likelyType: undefined }, selections, "yes");
  const { isList, list, elements } = listTexts(values);
  const body = `if (${isList}) {
const list = ${list};
const parts = [];
for (let index = 0; index < list.length; index += 1) {
const part = self(${["walk", ...elements].join(", ")});
if (part === undefined) return;
parts.push(part);
}
return "[" + parts.join(",") + "]";
}
${layersText(place, `return "null";`)}${frame.loads()}const typeName = ${find};
let text = "";
${members}return "{" + text + "}";
`;
  return code.define("write", ["walk", ...values], body);
}
