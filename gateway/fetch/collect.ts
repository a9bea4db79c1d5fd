import { type Code, createCode, literal } from "../core/code.ts";
import { childTexts, createFrame, type Frame, firstText, layersText, listTexts, type Supply, valueNames } from "../core/frame.ts";
import { entityOf, type Joined } from "../core/joined.ts";
import type { Attachment, FetchStep, OuterSlot, Place, Stride, Way } from "../core/layout.ts";
import { isReserved } from "../core/reserved.ts";
import type { FoundEntities } from "./entities.ts";
import { createChooser, type FlatText, representationText, surroundingsOf, toldType } from "./represent.ts";
import { createRepresentations } from "./representations.ts";
import type { TypeKnowledge } from "./types.ts";

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
  const { attachment, types, isHostKnown } = options;
  const code = createCode();
  const state = createState(code);
  const choose = attachment.fixedValues.length === 0 ? undefined : createChooser(attachment.fixedValues, types);
  const walks = attachment.ways.map((way, index) => {
    const hostDepth = isHostKnown ? hostDepthOf(attachment.wayPaths[index] ?? []) : undefined;
    return wayText({ code, state, options, choose, way, hostDepth });
  });
  const representations = `${code.refer(createRepresentations)}(${code.refer(surroundingsOf(attachment.requires))})`;
  const body = `const walk = { leaves: new Map(), texts: new Map(), representations: ${representations}, anchors: [], indexes: [], hosts: [], host: undefined${state.members()} };
const wayStarts = [];
${walks.join("")}return { attachment: ${code.refer(attachment)}, representations: walk.representations, anchors: walk.anchors, indexes: walk.indexes, wayStarts, hosts: walk.hosts };
`;
  return code.compile<Collector>(code.define("collect", ["joined"], body));
}

/** What a walk reads of each request is put where it is at hand. */
interface State extends Supply {
  isRepeated(attachmentId: number): string;
  /** The entities that were met at so many steps from the root of a way. */
  met(depth: number): string;
  members(): string;
}

function createState(code: Code): State {
  const members = new Map<string, string>();
  const add = (name: string, text: string): string => {
    members.set(name, text);
    return `walk.${name}`;
  };
  return {
    entity: (id, anchor) => `${code.refer(entityOf)}(${add(`entities${id}`, `joined.entities[${id}]`)}, ${anchor})`,
    reentry: (id) => add(`reentry${id}`, `joined.reentries[${id}]`),
    isRepeated: (id) => add(`isRepeated${id}`, `joined.isRepeated[${id}]`),
    met: (depth) => add(metName(depth), "undefined"),
    members: () => [...members].map(([name, text]) => `, ${name}: ${text}`).join(""),
  };
}

function metName(depth: number): string {
  return `met${depth}`;
}

/** One way, while the text of its walk is written. */
interface WayContext {
  readonly code: Code;
  readonly state: State;
  readonly options: CollectorOptions;
  /** Chooses the values that the planner has set; undefined where it has set none. */
  readonly choose: ReturnType<typeof createChooser> | undefined;
  readonly way: Way;
  /** Steps from the root to the last object on the way that isn't there for conditions alone; undefined where nobody asks. */
  readonly hostDepth: number | undefined;
}

const rootFrame = { layer: (index: number): string => `joined.rootLayers[${index}]` };

/** The text that walks a way from the root. Each step is a function of the values that its place's slots hold. */
function wayText(context: WayContext): string {
  const { way, hostDepth } = context;
  const [first] = way;
  const start = "wayStarts.push(walk.anchors.length);\n";
  if (first === undefined) return start;
  const host = hostDepth === 0 ? "joined.rootLayers.find((layer) => layer !== undefined)" : "undefined";
  // What was met on one way has still to be visited on the next.
  const unmet = way.map((_, depth) => (springOf(context, depth) === undefined ? "" : `walk.${metName(depth)} = undefined;\n`));
  return `${start}walk.host = ${host};
${unmet.join("")}${strideText(context, first, 1)}(${["walk", ...childTexts(rootFrame, first.place)].join(", ")});
`;
}

/**
 * Defines the function of one step.
 *
 * @param depth Steps from the root to the objects that the step leads to.
 * @returns its name.
 */
function strideText(context: WayContext, stride: Stride, depth: number): string {
  const { code, state, way, hostDepth } = context;
  const { place } = stride;
  const values = valueNames(place);
  const frame = createFrame(place, state);
  const host = depth === hostDepth ? `walk.host = ${firstText(place.slots.map(({ index }) => frame.layer(index)))};\n` : "";
  const next = way[depth];
  const then =
    next === undefined
      ? visitText(context, frame)
      : `${metText(context, depth, frame)}${strideText(context, next, depth + 1)}(${["walk", ...childTexts(frame, next.place)].join(", ")});\n`;
  const inner = `${typeText(context, stride, frame)}${host}${then}`;
  const { isList, list, elements } = listTexts(values);
  const body = `if (${isList}) {
const list = ${list};
for (let index = 0; index < list.length; index += 1) self(${["walk", ...elements].join(", ")});
return;
}
${layersText(place, "return;")}${frame.loads()}${inner}`;
  return code.define("step", ["walk", ...values], body);
}

/** Leaves objects that are of none of the types a step is for. */
function typeText({ code, options: { types } }: WayContext, { typeNames }: Stride, frame: Frame): string {
  if (typeNames === undefined) return "";
  const told = toldType(frame);
  const known = typeNames.filter((typeName) => told !== undefined && types.isObjectType(typeName));
  const unlikely = known.map((typeName) => `${told} !== ${literal(typeName)}`);
  const isRelated = typeNames.map((typeName) => `${code.refer(types.isRelated)}(typeName, ${literal(typeName)})`).join(" || ");
  return `if (${unlikely.length === 0 ? "true" : unlikely.join(" && ")}) {
const typeName = ${code.refer(types.typeNameOf)}(${frame.all()});
if (typeName !== undefined && !(${isRelated})) return;
}
`;
}

/** Leaves an entity that was met before: what lies below it was visited. */
function metText(context: WayContext, depth: number, frame: Frame): string {
  const { state } = context;
  const spring = springOf(context, depth);
  if (spring?.attachmentId === undefined) return "";
  const entity = frame.layer(spring.index);
  const met = state.met(depth);
  return `if (${state.isRepeated(spring.attachmentId)} === true && ${entity} !== undefined) {
${met} ??= new Set();
if (${met}.has(${entity})) return;
${met}.add(${entity});
}
`;
}

/** The slot of entities that all further along the way comes from; undefined where there is none, or where each object is to be told of. */
function springOf({ way, hostDepth }: WayContext, depth: number): OuterSlot | undefined {
  if (hostDepth !== undefined) return undefined;
  const parents = new Set(way[depth]?.place.inner.map(({ parentSlot }) => parentSlot));
  return parents.size === 1 ? way[depth - 1]?.place.outer.find(({ index }) => parents.has(index)) : undefined;
}

function visitText({ code, state, options, choose }: WayContext, frame: Frame): string {
  const anchor = firstText(anchorsOf(frame.place, options.attachment.id).map((slot) => frame.layer(slot)));
  const { type, flat, whole } = representationText({ ...options, code, supply: state, frame, choose });
  const host = options.isHostKnown ? "walk.hosts.push(walk.host);\n" : "";
  const wait = `walk.anchors.push(anchor);\nwalk.indexes.push(index);\n${host}`;
  return `const anchor = ${anchor};
if (anchor === undefined) return;
${type}${flat === undefined ? "" : flatText(flat, wait)}${whole}let index = walk.texts.get(text);
if (index === undefined) {
index = walk.representations.addText(text);
walk.texts.set(text, index);
}
${wait}`;
}

/**
 * Looks the first object up that has one of the leaves: where all leaves are alike, so is the representation, and no text has to be written to
 * find that out.
 */
function flatText({ read, leaves, test, write }: FlatText, wait: string): string {
  const [only, ...others] = leaves;
  if (only !== undefined && others.length === 0) {
    return `${read}if (typeof ${only} === "string" && ${test}) {
let index = walk.leaves.get(${only});
if (index === undefined) {
index = walk.representations.addLeaf(${only});
walk.leaves.set(${only}, index);
}
${wait}return;
}
`;
  }
  const key = leaves.map((leaf) => `typeof ${leaf} === "string" ? ${leaf} : `).join("");
  const isAlike = leaves.map((leaf, index) => `known.leaf${index} === ${leaf}`).join(" && ");
  const members = leaves.map((leaf, index) => `leaf${index}: ${leaf}`).join(", ");
  return `${read}const key = ${key}undefined;
if (key !== undefined && ${test}) {
let known = walk.leaves.get(key);
if (known === undefined) {
known = { index: walk.representations.addText(${write}), ${members} };
walk.leaves.set(key, known);
}
if (${isAlike}) {
const { index } = known;
${wait}return;
}
}
`;
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
