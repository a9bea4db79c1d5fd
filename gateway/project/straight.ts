import { isUtf8 } from "node:buffer";
import type { GraphQLLeafType, GraphQLObjectType, GraphQLOutputType, SelectionSetNode } from "graphql";
import { isEnumType, isLeafType, isListType, isNonNullType, isObjectType } from "graphql";
import { type AnswerBytes, answerStart, isEmpty } from "../core/answer.ts";
import type { Place } from "../core/layout.ts";
import { signatureOf } from "../core/signature.ts";
import { decisionFor } from "./decided.ts";
import { type FieldShape, type Shape, scanBytes, scanValue } from "./scan.ts";
import { collectFields, rootOf, type SelectionContext } from "./select.ts";
import type { WriterOptions } from "./writer.ts";

/**
 * Gives the data of a reply, as JSON, where the reply's bytes are the answer's: as good as reading, projecting and writing it.
 * @returns Undefined where they aren't, and the reply has to be read.
 */
export type Straight = (reply: Buffer) => AnswerBytes | undefined;

/** After so many replies in a row that had to be read all the same, a department is taken to write them otherwise for now. */
const missesMax = 16;

/** Then one reply in so many is tried, as it may be over: a department that fails adds errors to its replies. */
const triedEach = 64;

const replyStart = Buffer.from(answerStart);
const CLOSING_BRACE = 0x7d;

/** What JSON takes for space. */
const spaces: ReadonlySet<number> = new Set(Buffer.from(" \n\r\t"));

/**
 * Compiles what an answer's bytes must be like; undefined where the answer is never one reply as it is, be it that several calls contribute to it, that something
 * is withheld, masked, conditioned or counted, or that what is asked for is not in the reply's order.
 */
export function compileStraight(options: WriterOptions): Straight | undefined {
  const shape = shapeOfAnswer(options);
  if (shape === undefined) return undefined;
  const isWhole = isEmpty(options.basis ?? {});
  let misses = 0;
  return (reply) => {
    if (misses >= missesMax && misses % triedEach !== 0) {
      misses += 1;
      return undefined;
    }
    const start = scanBytes(reply, 0, replyStart);
    const end = start === -1 ? -1 : scanValue(reply, start, shape);
    if (end === -1 || !isLast(reply, end) || !isUtf8(reply)) {
      misses += 1;
      return undefined;
    }
    misses = 0;
    return { data: reply.subarray(start, end), whole: isWhole && end === reply.length - 1 ? reply : undefined };
  };
}

/** Whether nothing follows but the reply's own brace, and space. */
function isLast(reply: Buffer, end: number): boolean {
  if (reply[end] !== CLOSING_BRACE) return false;
  for (let at = end + 1; at < reply.length; at += 1) if (!spaces.has(reply[at] ?? 0)) return false;
  return true;
}

function shapeOfAnswer(options: WriterOptions): Shape | undefined {
  const { cleared, plan, tally } = options;
  const [fetch] = plan.fetches;
  const isSole = plan.fetches.length === 1 && fetch?.attachments.length === 0 && fetch.reentry === undefined && plan.source === undefined;
  const isPlain =
    cleared.operationKind === "query" && !cleared.isConditioned && cleared.introspection === undefined && cleared.withheldNodes.size === 0;
  if (!isSole || !isPlain || tally !== undefined) return undefined;
  const { context, type, sets } = rootOf(options);
  return shapeOfObject({ options, context, place: plan.root }, type, sets);
}

interface Site {
  readonly options: WriterOptions;
  readonly context: SelectionContext;
  readonly place: Place | undefined;
}

const plainShape = { isNullable: true, names: [], item: undefined, fields: [] } as const;

function shapeOfObject(site: Site, type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Shape | undefined {
  const asked = [...collectFields(site.context, type, sets)];
  const entries = site.place?.slots.length === 1 ? (site.place.slots[0]?.entries ?? []) : [];
  if (asked.length === 0 || entries.length !== asked.length) return undefined;
  const fields: FieldShape[] = [];
  for (const [index, [key, nodes]] of asked.entries()) {
    const [entry, node] = [entries[index], nodes[0]];
    if (entry === undefined || node === undefined) return undefined;
    const isSame = entry.sourceKey === key && entry.responseKey === key && entry.signature === signatureOf(node);
    const isForAll = entry.typeConditions.every((condition) => condition === type.name);
    const fieldSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const shape =
      isSame && isForAll ? shapeOfField({ ...site, place: entry.child }, type, { name: node.name.value, sets: fieldSets }) : undefined;
    if (shape === undefined) return undefined;
    fields.push({ prefix: Buffer.from(`${index === 0 ? "{" : ","}${JSON.stringify(key)}:`), shape });
  }
  return { ...plainShape, kind: "object", fields };
}

interface AskedField {
  readonly name: string;
  readonly sets: readonly SelectionSetNode[];
}

function shapeOfField(site: Site, type: GraphQLObjectType, { name, sets }: AskedField): Shape | undefined {
  if (name === "__typename") return { ...plainShape, isNullable: false, kind: "name", names: [Buffer.from(JSON.stringify(type.name))] };
  const field = type.getFields()[name];
  const decision = decisionFor(site.options, type, name);
  const isInClear = decision === undefined || (decision.kind === "allow" && decision.where === undefined);
  return field === undefined || !isInClear ? undefined : shapeOfValue(site, field.type, sets);
}

function shapeOfValue(site: Site, type: GraphQLOutputType, sets: readonly SelectionSetNode[]): Shape | undefined {
  if (isNonNullType(type)) {
    const shape = shapeOfValue(site, type.ofType, sets);
    return shape === undefined ? undefined : { ...shape, isNullable: false };
  }
  if (isListType(type)) {
    const item = shapeOfValue(site, type.ofType, sets);
    return item === undefined ? undefined : { ...plainShape, kind: "list", item };
  }
  if (isLeafType(type)) return shapeOfLeaf(type);
  return isObjectType(type) ? shapeOfObject(site, type, sets) : undefined;
}

function shapeOfLeaf(type: GraphQLLeafType): Shape | undefined {
  if (isEnumType(type))
    return { ...plainShape, kind: "name", names: type.getValues().map(({ name }) => Buffer.from(JSON.stringify(name))) };
  switch (type.name) {
    case "String":
    case "ID":
      return { ...plainShape, kind: "string" };
    case "Int":
      return { ...plainShape, kind: "int" };
    case "Float":
      return { ...plainShape, kind: "float" };
    case "Boolean":
      return { ...plainShape, kind: "name", names: [Buffer.from("true"), Buffer.from("false")] };
    default:
      // What a scalar of the departments' own may be is not known.
      return undefined;
  }
}
