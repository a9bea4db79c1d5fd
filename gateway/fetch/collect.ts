import { type Code, createCode, literal } from "../core/code.ts";
import { childTexts, createFrame, type Frame, firstText, layersText, listTexts, type Supply, valueNames } from "../core/frame.ts";
import type { Joined, JsonObject, Layers } from "../core/joined.ts";
import type { Attachment, FetchStep, OuterSlot, Place, Stride, Way } from "../core/layout.ts";
import { isReserved } from "../core/reserved.ts";
import { type FlatText, representationText, toldType } from "./represent.ts";
import type { TypeKnowledge } from "./types.ts";

/** An object that waits for its entity. */
export interface Waiting {
  readonly anchor: JsonObject;
  /** Index of its representation. */
  readonly index: number;
  /** Index of the way that led to it. */
  readonly wayIndex: number;
  /** The object of the answer for whose sake it waits: itself, or the one that conditions are looked at on. Undefined where nobody asks. */
  readonly host: JsonObject | undefined;
}

/** Entities that a fetch is about to ask for. */
export interface FoundEntities {
  readonly attachment: Attachment;
  /** Distinct representations as JSON text. */
  readonly representations: readonly string[];
  /** The objects that wait for an entity, with the index of its representation. */
  readonly waiting: readonly Waiting[];
}

/** Walks to the objects that wait for entities, in the answer's order, and writes each distinct representation once. */
export type Collector = (joined: Joined) => FoundEntities;

/** What a collector is compiled from. */
export interface CollectorOptions {
  readonly attachment: Attachment;
  readonly fetch: FetchStep;
  readonly types: TypeKnowledge;
  /** Whether it has to be known for whose sake each object waits. What lies below an entity that is met again is else visited once, as it is the same. */
  readonly isHostKnown: boolean;
}

/**
 * Compiles the collector of one attachment of a fetch.
 *
 * @throws {HubError} OPERATION_NOT_SUPPORTED when a representation needs a field that no call delivers.
 */
export function compileCollector(options: CollectorOptions): Collector {
  const { attachment } = options;
  const code = createCode();
  const state = createState();
  const walks = attachment.ways.map((way, index) => {
    const hostDepth = options.isHostKnown ? hostDepthOf(attachment.wayPaths[index] ?? []) : undefined;
    return wayText({ code, state, options, way, index, hostDepth });
  });
  code.declare(`function collect(joined) {
  const walk = { leaves: new Map(), texts: new Map(), representations: [], waiting: [], host: undefined${state.members()} };
  ${walks.join("")}
  return { attachment: ${code.refer(attachment)}, representations: walk.representations, waiting: walk.waiting };
}`);
  return code.compile<Collector>("collect");
}

/** What a walk reads of each request is put where it is at hand. */
interface State extends Supply {
  isRepeated(attachmentId: number): string;
  met(): string;
  members(): string;
}

function createState(): State {
  const members = new Map<string, string>();
  const add = (name: string, text: string): string => {
    members.set(name, text);
    return `walk.${name}`;
  };
  return {
    entities: (id) => add(`entities${id}`, `joined.entities[${id}]`),
    reentry: (id) => add(`reentry${id}`, `joined.reentries[${id}]`),
    isRepeated: (id) => add(`isRepeated${id}`, `joined.isRepeated[${id}]`),
    met: () => add(`met${members.size}`, "undefined"),
    members: () => [...members].map(([name, text]) => `, ${name}: ${text}`).join(""),
  };
}

/** One way, while the text of its walk is written. */
interface WayContext {
  readonly code: Code;
  readonly state: State;
  readonly options: CollectorOptions;
  readonly way: Way;
  readonly index: number;
  /** Steps from the root to the last object on the way that isn't there for conditions alone; undefined where nobody asks. */
  readonly hostDepth: number | undefined;
}

const rootFrame = { layer: (index: number): string => `joined.rootLayers[${index}]` };

/** The text that walks a way from the root. Each step is a function of the values that its place's slots hold. */
function wayText(context: WayContext): string {
  const { way, hostDepth } = context;
  const [first] = way;
  if (first === undefined) return "";
  const host = hostDepth === 0 ? "walk.host = joined.rootLayers.find((layer) => layer !== undefined);\n" : "";
  return `${host}${strideText(context, first, 1)}(${["walk", ...childTexts(rootFrame, first.place)].join(", ")});\n`;
}

/**
 * Declares the function of one step.
 *
 * @param depth Steps from the root to the objects that the step leads to.
 * @returns its name.
 */
function strideText(context: WayContext, stride: Stride, depth: number): string {
  const { code, state, way, hostDepth } = context;
  const { place } = stride;
  const name = code.fresh("step");
  const values = valueNames(place);
  const frame = createFrame(place, state);
  const host = depth === hostDepth ? `walk.host = ${firstText(place.slots.map(({ index }) => frame.layer(index)))};\n` : "";
  const next = way[depth];
  const body = [
    typeText(context, stride, frame),
    host,
    next === undefined
      ? visitText(context, frame)
      : `${metText(context, depth, frame)}${strideText(context, next, depth + 1)}(${["walk", ...childTexts(frame, next.place)].join(", ")});\n`,
  ].join("");
  const { isList, list, elements } = listTexts(values);
  code.declare(`function ${name}(${["walk", ...values].join(", ")}) {
if (${isList}) {
const list = ${list};
for (let index = 0; index < list.length; index += 1) ${name}(${["walk", ...elements].join(", ")});
return;
}
${layersText(place, "return;")}${frame.loads()}${body}}`);
  return name;
}

/** Leaves objects that are of none of the types a step is for. */
function typeText({ code, options: { types } }: WayContext, { place, typeNames }: Stride, frame: Frame): string {
  if (typeNames === undefined) return "";
  const isOneOf = (layers: Layers): boolean => {
    const name = types.typeNameOf(place, layers);
    return name === undefined || typeNames.some((typeName) => types.isRelated(name, typeName));
  };
  const told = toldType(frame);
  const known = typeNames.filter((typeName) => types.isObjectType(typeName)).map((typeName) => `${told} !== ${literal(typeName)}`);
  const tests = told === undefined ? [] : known;
  return `if (${[...tests, `!${code.refer(isOneOf)}(${frame.all()})`].join(" && ")}) return;\n`;
}

/** Leaves an entity that was met before: what lies below it was visited. */
function metText({ state, way, hostDepth }: WayContext, depth: number, frame: Frame): string {
  const spring = hostDepth === undefined ? springOf(way, depth) : undefined;
  if (spring?.attachmentId === undefined) return "";
  const entity = frame.layer(spring.index);
  const met = state.met();
  return `if (${state.isRepeated(spring.attachmentId)} === true && ${entity} !== undefined) {
${met} ??= new Set();
if (${met}.has(${entity})) return;
${met}.add(${entity});
}
`;
}

/** The slot of entities that all further along the way comes from; undefined where there is none. */
function springOf(way: Way, depth: number): OuterSlot | undefined {
  const parents = new Set(way[depth]?.place.inner.map(({ parentSlot }) => parentSlot));
  return parents.size === 1 ? way[depth - 1]?.place.outer.find(({ index }) => parents.has(index)) : undefined;
}

function visitText({ code, state, options, index }: WayContext, frame: Frame): string {
  const anchor = firstText(anchorsOf(frame.place, options.attachment.id).map((slot) => frame.layer(slot)));
  const representation = representationText({ ...options, code, supply: state, frame });
  const { type, flat, whole } = representation;
  return `const anchor = ${anchor};
if (anchor === undefined) return;
${type}${flat === undefined ? "" : flatText(flat, index)}${whole}let index = walk.texts.get(text);
if (index === undefined) {
index = walk.representations.length;
walk.texts.set(text, index);
walk.representations.push(text);
}
${waitText(index, "index")}`;
}

/**
 * Looks the first object up that has one of the leaves: where all leaves are alike, so is the representation, and no text has to be written to
 * find that out.
 */
function flatText({ read, leaves, test, write }: FlatText, wayIndex: number): string {
  const key = leaves.map((leaf) => `typeof ${leaf} === "string" ? ${leaf} : `).join("");
  const isAlike = leaves.map((leaf, index) => `known.leaf${index} === ${leaf}`).join(" && ");
  const members = leaves.map((leaf, index) => `leaf${index}: ${leaf}`).join(", ");
  return `${read}const key = ${key}undefined;
if (key !== undefined && ${test}) {
let known = walk.leaves.get(key);
if (known === undefined) {
known = { index: walk.representations.length, ${members} };
walk.leaves.set(key, known);
walk.representations.push(${write});
}
if (${isAlike}) {
${waitText(wayIndex, "known.index")}return;
}
}
`;
}

function waitText(wayIndex: number, index: string): string {
  return `walk.waiting.push({ anchor, index: ${index}, wayIndex: ${wayIndex}, host: walk.host });\n`;
}

function hostDepthOf(path: readonly string[]): number {
  const keys = path.filter((key) => key !== "@");
  const reserved = keys.findIndex(isReserved);
  return reserved === -1 ? keys.length : reserved;
}

function anchorsOf(place: Place, attachmentId: number): readonly number[] {
  for (const { origin } of place.slots) {
    if (origin.kind === "entity" && origin.attachmentId === attachmentId) return origin.anchors;
  }
  return [];
}
