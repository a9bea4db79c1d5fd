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
import { isAbstractType, isInterfaceType, isLeafType, isListType, isNonNullType, isObjectType, Kind } from "graphql";
import type { Decision } from "../../policies/engine/words.ts";
import type { ClearedOperation } from "../core/cleared.ts";
import { HubError } from "../core/errors.ts";
import { childValues, createReader, type Layers } from "../core/joined.ts";
import type { Entry, FetchPlan, Place } from "../core/layout.ts";
import { signatureOf } from "../core/signature.ts";
import { leafPutterOf, leafWriterOf, textPutter } from "./leaf.ts";
import { maskWriter } from "./mask.ts";
import { collectFields, dependsOnType, type SelectionContext } from "./select.ts";
import { putByte, putBytes, putText, type Sink } from "./sink.ts";
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
}

/**
 * Compiles the writer of an operation's answer.
 *
 * @param isSet Values of the variables that `@skip` and `@include` name: each combination has a writer of its own, so
 * that fields stand in the order in which they are first included, and nothing is weighed while an answer is written.
 */
export function compileAnswer(options: WriterOptions, isSet: (variable: string) => boolean): ObjectWriter {
  const { schema, cleared, plan } = options;
  const { definitions } = cleared.asked;
  const fragments = new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  const operation = definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const type = schema.getRootType(cleared.operationKind);
  if (operation === undefined || type === undefined || type === null) throw new HubError("INTERNAL_ERROR", "The operation has no root.");
  const compiler: Compiler = { options, context: { schema, fragments, isSet } };
  return compileObject(compiler, { place: plan.root, type, sets: [operation.selectionSet], path: [] });
}

interface FieldWriter {
  /** What stands before the value: the brace or comma, and the key. */
  readonly prefix: Uint8Array;
  readonly write: ObjectWriter;
}

function compileObject(compiler: Compiler, site: Site): ObjectWriter {
  const fields = collectFields(compiler.context, site.type, site.sets);
  const writers: FieldWriter[] = [...fields].map(([key, nodes], index) => ({
    prefix: Buffer.from(`${index === 0 ? "{" : ","}${JSON.stringify(key)}:`),
    write: compileField(compiler, site, { key, nodes }),
  }));
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
  if (name === "__schema" || name === "__type") {
    return ({ sink, introspection }) => {
      putText(sink, JSON.stringify(introspection?.[key] ?? null));
      return "value";
    };
  }
  const field = site.type.getFields()[name];
  if (field === undefined) throw new HubError("INTERNAL_ERROR", `The type ${site.type.name} has no field ${name}.`);
  const { withheldNodes } = compiler.options.cleared;
  const decision = decisionFor(compiler, site.type, name);
  const isWithheld = nodes.every((asked) => withheldNodes.has(asked)) || decision?.kind === "deny";
  if (isWithheld) return isNonNullType(field.type) ? () => "nothing" : putNull;
  const mask = decision?.kind === "mask" ? decision.mask : undefined;
  const path = [...site.path, key];
  const sources = sourcesOf(compiler, site, { key, node });
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
  return compileObjectField(compiler, { sources, nodes, field, path });
}

/** A field that no call of the plan selects for such objects is missing, which a null alone would not tell. */
function missingWriter(type: GraphQLOutputType, path: readonly string[]): ObjectWriter {
  const writeNull = compileLeafValue(type, path, () => false);
  return (projection) => {
    projection.report(path, "OPERATION_NOT_SUPPORTED");
    return writeNull(projection, undefined);
  };
}

/** What was decided on a field of a type; a coordinate without a decision is denied. Undefined when the hub runs unrestricted. */
function decisionFor({ options }: Compiler, type: Site["type"], field: string): Decision | undefined {
  const { entitlement } = options.cleared;
  if (entitlement === undefined) return undefined;
  if (isInterfaceType(type)) {
    // Nobody knows the object's own type, so what one possible type withholds or masks is withheld.
    const isPlain = options.schema.getPossibleTypes(type).every(({ name }) => {
      const decision = entitlement.decisions.get(`${name}.${field}`);
      return decision?.kind === "allow" && decision.where === undefined;
    });
    if (!isPlain) return { kind: "deny", reason: "POLYMORPHIC_PARTIAL" };
  }
  const decision = entitlement.decisions.get(`${type.name}.${field}`) ?? { kind: "deny", reason: "NOT_IN_AGREEMENT" };
  // Judging has withheld such a field already; a value must not leave should it come here all the same.
  return decision.kind !== "deny" && decision.where !== undefined ? { kind: "deny", reason: "CONDITION_NOT_SUPPORTED" } : decision;
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

interface Source {
  readonly slotIndex: number;
  readonly entry: Entry;
}

/** The layers that were asked for a field of the answer: those with the very arguments, else those with the field's name. */
function sourcesOf({ options }: Compiler, site: Site, { key, node }: { readonly key: string; readonly node: FieldNode }): Source[] {
  if (site.place === undefined) return [];
  const { schema } = options;
  const signature = signatureOf(node);
  const all = site.place.slots.flatMap((slot) =>
    slot.entries
      .filter((entry) => entry.responseKey === key && entry.typeConditions.every((condition) => isPossible(schema, condition, site.type)))
      .map((entry) => ({ slotIndex: slot.index, entry })),
  );
  const exact = all.filter(({ entry }) => entry.signature === signature);
  if (exact.length > 0) return exact;
  return all.filter(({ entry }) => entry.fieldName === node.name.value);
}

/** Whether objects of a type can be under a condition; a condition that callers don't know excludes nothing. */
function isPossible(schema: GraphQLSchema, condition: string, type: Site["type"]): boolean {
  if (condition === type.name) return true;
  const conditional = schema.getType(condition);
  return conditional === undefined || (isAbstractType(conditional) && schema.isSubType(conditional, type));
}

function compileLeafField(sources: readonly Source[], write: ValueWriter<unknown>): ObjectWriter {
  const [only] = sources;
  if (sources.length === 1 && only !== undefined) {
    const { slotIndex, entry } = only;
    const read = createReader(entry.sourceKey);
    return (projection, layers) => {
      const layer = layers[slotIndex];
      return write(projection, layer === undefined ? undefined : read(layer));
    };
  }
  const readers = sources.map(({ slotIndex, entry }) => ({ slotIndex, read: createReader(entry.sourceKey) }));
  return (projection, layers) => {
    for (const { slotIndex, read } of readers) {
      const layer = layers[slotIndex];
      const value = layer === undefined ? undefined : read(layer);
      if (value !== undefined && value !== null) return write(projection, value);
    }
    return write(projection, undefined);
  };
}

interface ObjectField {
  readonly sources: readonly Source[];
  readonly nodes: readonly FieldNode[];
  readonly field: GraphQLField<unknown, unknown>;
  readonly path: readonly string[];
}

function compileObjectField(compiler: Compiler, { sources, nodes, field, path }: ObjectField): ObjectWriter {
  const place = sources.find(({ entry }) => entry.child !== undefined)?.entry.child;
  if (place === undefined) return missingWriter(field.type, path);
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const writeObject = compileTyped(compiler, { place, sets, path: objectPath(field.type, path) }, innerType(field.type));
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
