import type {
  FieldNode,
  GraphQLAbstractType,
  GraphQLField,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLSchema,
  SelectionSetNode,
} from "graphql";
import { isAbstractType, isInterfaceType, isLeafType, isListType, isNonNullType, isObjectType } from "graphql";
import type { Decision } from "../../policies/engine/words.ts";
import type { Basis } from "../core/answer.ts";
import type { ClearedOperation } from "../core/cleared.ts";
import { createCode } from "../core/code.ts";
import { HubError } from "../core/errors.ts";
import { createArrayFrame } from "../core/frame.ts";
import type { Layers } from "../core/joined.ts";
import type { FetchPlan, Place } from "../core/layout.ts";
import { isCatalogue } from "../core/reserved.ts";
import { compileTally, type TallyPlan } from "./count.ts";
import { decisionFor } from "./decided.ts";
import { calledField, constantField, type FieldScene, type FieldText, leafField, objectsField, putText } from "./fields.ts";
import { createGuard, type KeepBack, type Note } from "./guard.ts";
import { leafPutterOf, leafWriterOf, textPutter } from "./leaf.ts";
import { maskWriter } from "./mask.ts";
import { collectFields, dependsOnType, rootOf, type SelectionContext } from "./select.ts";
import { putText as putSinkText, type Sink } from "./sink.ts";
import { childPlaceOf, type Source, sourcesOf } from "./source.ts";
import { compileLeafValue, type ObjectWriter, putNull } from "./value.ts";

/** What an answer's writer is compiled from. */
export interface WriterOptions {
  readonly schema: GraphQLSchema;
  readonly cleared: ClearedOperation;
  readonly plan: FetchPlan;
  /** Where answers are written, one after the other: projecting never waits. */
  readonly sink: Sink;
  /** What keys of pseudonyms are derived from; undefined when the hub runs unrestricted. */
  readonly pseudonymSecret: Uint8Array | undefined;
  /** What is counted while answers are written; nothing if left out. */
  readonly tally?: TallyPlan | undefined;
  /** What every answer tells that it rests on; nothing if left out. */
  readonly basis?: Basis | undefined;
}

interface Compiler {
  readonly options: WriterOptions;
  readonly context: SelectionContext;
}

/** Where in the answer objects of one type are written. */
interface Site {
  readonly place: Place | undefined;
  /** An interface only for objects whose own type nobody asked for. */
  readonly type: GraphQLObjectType | GraphQLInterfaceType;
  readonly sets: readonly SelectionSetNode[];
  readonly path: readonly string[];
  /** Coordinate of the field that leads here; undefined at the root. */
  readonly via?: string;
}

/**
 * Compiles the writer of an operation's answer, for requests that set the conditions that its plan is for: so fields stand in the order in
 * which they are first included, and nothing is weighed while an answer is written.
 */
export function compileAnswer(options: WriterOptions): ObjectWriter {
  const { context, type, sets } = rootOf(options);
  return compileObject({ options, context }, { place: options.plan.root, type, sets, path: [] });
}

function compileObject(compiler: Compiler, site: Site): ObjectWriter {
  const { schema, cleared, tally } = compiler.options;
  const fields = collectFields(compiler.context, site.type, site.sets);
  const names = [...fields.values()].flatMap(([node]) => node?.name.value ?? []);
  const decisionOf = (name: string): Decision | undefined => decisionFor(compiler.options, site.type, name);
  const guard = cleared.isConditioned ? createGuard({ schema, site, decisionOf }) : undefined;
  const countOf =
    tally === undefined
      ? undefined
      : compileTally(tally, { place: site.place, typeName: site.type.name, via: site.via, fields: names, decisionOf });
  const placed = [...fields].map(([key, nodes]): PlacedField => {
    const name = nodes[0]?.name.value ?? "";
    return { key, text: compileField(compiler, site, { key, nodes }), keepBack: guard?.keepBack(key, name), note: countOf?.(name) };
  });
  return compileFields(placed, guard?.see);
}

/** A field, and what comes before it. */
interface PlacedField {
  readonly key: string;
  readonly text: FieldText;
  readonly keepBack: KeepBack | undefined;
  readonly note: Note | undefined;
}

/** Compiles the writer of an object's fields. What is the same in every object is written in one piece. */
function compileFields(fields: readonly PlacedField[], see: Note | undefined): ObjectWriter {
  const code = createCode();
  const frame = createArrayFrame();
  const scene: FieldScene = { code, frame };
  let body = see === undefined ? "" : `${code.refer(see)}(projection, layers);\n`;
  let fixed = "{";
  for (const [index, { key, text, keepBack, note }] of fields.entries()) {
    fixed += `${index === 0 ? "" : ","}${JSON.stringify(key)}:`;
    if (text.kind === "constant" && keepBack === undefined && note === undefined) {
      fixed += text.text;
      continue;
    }
    const before = note === undefined ? "" : `${code.refer(note)}(projection, layers);\n`;
    const write = before + (text.kind === "constant" ? putText(scene, text.text) : text.write(scene));
    body += `${putText(scene, fixed)}${keepBack === undefined ? write : keptBack(scene, keepBack, write)}`;
    fixed = "";
  }
  body += `${putText(scene, `${fixed}}`)}return "value";\n`;
  const name = code.define("object", ["projection", "layers"], `const { sink } = projection;\n${frame.loads()}${body}`);
  return code.compile<ObjectWriter>(name);
}

function keptBack({ code, frame }: FieldScene, keepBack: KeepBack, write: string): string {
  const kept = frame.local("kept");
  return `const ${kept} = ${code.refer(keepBack)}(projection, layers);
if (${kept} === "nothing") return "nothing";
if (${kept} === undefined) {\n${write}}\n`;
}

interface AskedField {
  readonly key: string;
  readonly nodes: readonly FieldNode[];
}

function compileField(compiler: Compiler, site: Site, { key, nodes }: AskedField): FieldText {
  const [node] = nodes;
  const name = node?.name.value;
  if (node === undefined || name === undefined) throw new HubError("INTERNAL_ERROR", "A field without a node.");
  if (name === "__typename") return constantField(JSON.stringify(site.type.name));
  if (name === "__schema" || name === "__type" || isCatalogue(compiler.options.schema, site.type, name)) return introspectionField(key);
  const field = site.type.getFields()[name];
  if (field === undefined) throw new HubError("INTERNAL_ERROR", `The type ${site.type.name} has no field ${name}.`);
  const { withheldNodes } = compiler.options.cleared;
  const decision = decisionFor(compiler.options, site.type, name);
  const isWithheld = nodes.every((asked) => withheldNodes.has(asked)) || decision?.kind === "deny";
  if (isWithheld) return isNonNullType(field.type) ? calledField(() => "nothing") : constantField("null");
  const mask = decision?.kind === "mask" ? decision.mask : undefined;
  const path = [...site.path, key];
  const sources = sourcesOf(compiler.options.schema, site, { key, node });
  if (sources.length === 0) return missingField(field.type, path);
  const leaf = leafTypeOf(field.type);
  if (leaf !== undefined) {
    const put =
      mask === undefined ? leafPutterOf(leaf) : textPutter(maskWriter(mask, leafWriterOf(leaf), compiler.options.pseudonymSecret));
    const write = compileLeafValue(field.type, path, put);
    return leafField({ sources, type: field.type, leaf: mask === undefined ? leaf : undefined, write });
  }
  // A mask is for leaves. Should one stand on an object all the same, nothing of the object leaves.
  if (mask !== undefined) return calledField(putNull);
  return compileObjectField(compiler, { sources, nodes, field, path, via: `${site.type.name}.${name}` });
}

function introspectionField(key: string): FieldText {
  return calledField(({ sink, introspection }) => {
    putSinkText(sink, JSON.stringify(introspection?.[key] ?? null));
    return "value";
  });
}

/** A field that no call of the plan selects for such objects is missing, which a null alone would not tell. */
function missingField(type: GraphQLOutputType, path: readonly string[]): FieldText {
  const writeNull = compileLeafValue(type, path, () => false);
  return calledField((projection) => {
    projection.report(path, "OPERATION_NOT_SUPPORTED");
    return writeNull(projection, undefined);
  });
}

function leafTypeOf(type: GraphQLOutputType): Parameters<typeof leafWriterOf>[0] | undefined {
  const inner = innerType(type);
  return isLeafType(inner) ? inner : undefined;
}

function innerType(type: GraphQLOutputType): GraphQLOutputType {
  let inner = type;
  while (isNonNullType(inner) || isListType(inner)) inner = inner.ofType as GraphQLOutputType;
  return inner;
}

interface ObjectField {
  readonly sources: readonly Source[];
  readonly nodes: readonly FieldNode[];
  readonly field: GraphQLField<unknown, unknown>;
  readonly path: readonly string[];
  readonly via: string;
}

function compileObjectField(compiler: Compiler, { sources, nodes, field, path, via }: ObjectField): FieldText {
  const place = childPlaceOf(sources);
  if (place === undefined) return missingField(field.type, path);
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const writeObject = compileTyped(compiler, { place, sets, path: objectPath(field.type, path), via }, innerType(field.type));
  return objectsField({ place, type: field.type, path, writeObject });
}

function objectPath(type: GraphQLOutputType, path: readonly string[]): readonly string[] {
  let inner = type;
  let result = path;
  while (isNonNullType(inner) || isListType(inner)) {
    if (isListType(inner)) result = [...result, "@"];
    inner = inner.ofType as GraphQLOutputType;
  }
  return result;
}

/** Compiles the writer of each type that objects at a site may have, when the type is first met. */
function compileTyped(compiler: Compiler, site: Omit<Site, "type">, type: GraphQLOutputType): ObjectWriter {
  if (isObjectType(type)) return compileObject(compiler, { ...site, type });
  if (!isAbstractType(type)) throw new HubError("INTERNAL_ERROR", "A composite field of a leaf type.");
  const writers = new Map<string, ObjectWriter>();
  const known = nameableTypes(compiler, site, type);
  return (projection, layers) => {
    const typeName = typeNameOf(layers, known);
    const named = known.get(typeName ?? type.name);
    if (named === undefined) {
      // An object of a type that callers don't know is null to them. One that no subgraph has told the type of is an error.
      if (typeName === undefined || isAbstractType(compiler.options.schema.getType(typeName))) projection.report(site.path);
      return "nothing";
    }
    let write = writers.get(named.name);
    if (write === undefined) {
      write = compileObject(compiler, { ...site, type: named });
      writers.set(named.name, write);
    }
    return write(projection, layers);
  };
}

/**
 * The types by which objects at a site may be written: the possible ones, and the interface itself where nothing asked
 * for depends on an object's own type. The planner then asks for no type, and a subgraph with `@interfaceObject` knows none.
 */
function nameableTypes({ context }: Compiler, site: Omit<Site, "type">, type: GraphQLAbstractType): ReadonlyMap<string, Site["type"]> {
  const known = new Map<string, Site["type"]>(context.schema.getPossibleTypes(type).map((object) => [object.name, object]));
  if (isInterfaceType(type) && !site.sets.some((set) => dependsOnType(context, type, set))) known.set(type.name, type);
  return known;
}

function typeNameOf(layers: Layers, known: ReadonlyMap<string, Site["type"]>): string | undefined {
  let lastName: string | undefined;
  for (const layer of layers) {
    const name = layer?.["__typename"];
    if (typeof name !== "string") continue;
    if (isObjectType(known.get(name))) return name;
    lastName = name;
  }
  return lastName;
}
