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
import type { ClearedOperation } from "../core/cleared.ts";
import { HubError } from "../core/errors.ts";
import { childValues, type Layers } from "../core/joined.ts";
import type { FetchPlan, Place } from "../core/layout.ts";
import { isCatalogue } from "../core/reserved.ts";
import { copyRepeated } from "./copy.ts";
import { compileTally, type TallyPlan } from "./count.ts";
import { decisionFor } from "./decided.ts";
import { createGuard } from "./guard.ts";
import { leafPutterOf, leafWriterOf, textPutter } from "./leaf.ts";
import { maskWriter } from "./mask.ts";
import { collectFields, dependsOnType, rootOf, type SelectionContext } from "./select.ts";
import { putByte, putBytes, putText, type Sink } from "./sink.ts";
import { childPlaceOf, createLeafReader, type Source, sourcesOf } from "./source.ts";
import { compileLeafValue, compileObjectValue, type ObjectWriter, putNull, type ValueWriter } from "./value.ts";

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

interface FieldWriter {
  /** What stands before the value: the brace or comma, and the key. */
  readonly prefix: Uint8Array;
  readonly write: ObjectWriter;
}

function compileObject(compiler: Compiler, site: Site): ObjectWriter {
  const { schema, cleared, tally } = compiler.options;
  const fields = collectFields(compiler.context, site.type, site.sets);
  const names = [...fields.values()].flatMap(([node]) => node?.name.value ?? []);
  const decisionOf = (name: string): Decision | undefined => decisionFor(compiler.options, site.type, name);
  const guard = cleared.isConditioned ? createGuard({ schema, site, decisionOf }) : undefined;
  const count =
    tally === undefined
      ? undefined
      : compileTally(tally, { place: site.place, typeName: site.type.name, via: site.via, fields: names, decisionOf });
  const writers: FieldWriter[] = [...fields].map(([key, nodes], index) => {
    const name = nodes[0]?.name.value ?? "";
    const plain = compileField(compiler, site, { key, nodes });
    const write = count === undefined ? plain : count(plain, name);
    return {
      prefix: Buffer.from(`${index === 0 ? "{" : ","}${JSON.stringify(key)}:`),
      write: guard === undefined ? write : guard.put(write, key, name),
    };
  });
  if (guard !== undefined) return guard.around(compileFields(writers));
  return compileFields(writers);
}

function compileFields(writers: readonly FieldWriter[]): ObjectWriter {
  if (writers.length === 0) return constantWriter("{}");
  return (projection, layers) => {
    const { sink } = projection;
    for (const { prefix, write } of writers) {
      putBytes(sink, prefix);
      if (write(projection, layers) === "nothing") return "nothing";
    }
    putByte(sink, CLOSING_BRACE);
    return "value";
  };
}

const CLOSING_BRACE = 0x7d;

function constantWriter(text: string): ObjectWriter {
  const bytes = Buffer.from(text);
  return ({ sink }) => {
    putBytes(sink, bytes);
    return "value";
  };
}

interface AskedField {
  readonly key: string;
  readonly nodes: readonly FieldNode[];
}

function compileField(compiler: Compiler, site: Site, { key, nodes }: AskedField): ObjectWriter {
  const [node] = nodes;
  const name = node?.name.value;
  if (node === undefined || name === undefined) throw new HubError("INTERNAL_ERROR", "A field without a node.");
  if (name === "__typename") return constantWriter(JSON.stringify(site.type.name));
  if (name === "__schema" || name === "__type" || isCatalogue(compiler.options.schema, site.type, name)) {
    return ({ sink, introspection }) => {
      putText(sink, JSON.stringify(introspection?.[key] ?? null));
      return "value";
    };
  }
  const field = site.type.getFields()[name];
  if (field === undefined) throw new HubError("INTERNAL_ERROR", `The type ${site.type.name} has no field ${name}.`);
  const { withheldNodes } = compiler.options.cleared;
  const decision = decisionFor(compiler.options, site.type, name);
  const isWithheld = nodes.every((asked) => withheldNodes.has(asked)) || decision?.kind === "deny";
  if (isWithheld) return isNonNullType(field.type) ? () => "nothing" : putNull;
  const mask = decision?.kind === "mask" ? decision.mask : undefined;
  const path = [...site.path, key];
  const sources = sourcesOf(compiler.options.schema, site, { key, node });
  if (sources.length === 0) return missingWriter(field.type, path);
  const leaf = leafTypeOf(field.type);
  if (leaf !== undefined) {
    const put =
      mask === undefined ? leafPutterOf(leaf) : textPutter(maskWriter(mask, leafWriterOf(leaf), compiler.options.pseudonymSecret));
    const writeValue = compileLeafValue(field.type, path, put);
    return compileLeafField(sources, writeValue);
  }
  // A mask is for leaves. Should one stand on an object all the same, nothing of the object leaves.
  if (mask !== undefined) return putNull;
  return compileObjectField(compiler, { sources, nodes, field, path, via: `${site.type.name}.${name}` });
}

/** A field that no call of the plan selects for such objects is missing, which a null alone would not tell. */
function missingWriter(type: GraphQLOutputType, path: readonly string[]): ObjectWriter {
  const writeNull = compileLeafValue(type, path, () => false);
  return (projection) => {
    projection.report(path, "OPERATION_NOT_SUPPORTED");
    return writeNull(projection, undefined);
  };
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

function compileLeafField(sources: readonly Source[], write: ValueWriter<unknown>): ObjectWriter {
  const read = createLeafReader(sources);
  return (projection, layers) => write(projection, read(layers));
}

interface ObjectField {
  readonly sources: readonly Source[];
  readonly nodes: readonly FieldNode[];
  readonly field: GraphQLField<unknown, unknown>;
  readonly path: readonly string[];
  readonly via: string;
}

function compileObjectField(compiler: Compiler, { sources, nodes, field, path, via }: ObjectField): ObjectWriter {
  const place = childPlaceOf(sources);
  if (place === undefined) return missingWriter(field.type, path);
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const typed = compileTyped(compiler, { place, sets, path: objectPath(field.type, path), via }, innerType(field.type));
  const writeObject = copyRepeated(place, typed);
  const writeValue = compileObjectValue(field.type, path, { place, writeObject });
  return (projection, layers) => writeValue(projection, childValues(place, layers));
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
