import type { GraphQLOutputType } from "graphql";
import { isListType, isNonNullType } from "graphql";
import type { Moment } from "../../policies/engine/holds.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Joined, Layers } from "../core/joined.ts";
import type { Copies } from "./copies.ts";
import type { LeafPutter } from "./leaf.ts";
import type { Sight } from "./sight.ts";
import { putByte, putBytes, type Sink, takeBack } from "./sink.ts";
import type { Tally } from "./tally.ts";

/** One answer while it is written. */
export interface Projection {
  readonly sink: Sink;
  readonly joined: Joined;
  /** Answers of introspection fields by response key. */
  readonly introspection: Readonly<Record<string, unknown>> | undefined;
  /** What conditions compare with. */
  readonly moment: Moment | undefined;
  /** Undefined where the operation is under no conditions. */
  readonly sight: Sight | undefined;
  /** Undefined where nothing is counted. */
  readonly tally: Tally | undefined;
  /** What was written of entities that are met again; undefined where each object has to be looked at. */
  readonly copies: Copies | undefined;
  /** Tells of a value that is missing or does not fit, or, with a code of its own, of another fault. */
  readonly report: (path: readonly string[], code?: ErrorCode) => void;
}

/**
 * What was written. After "nothing", a null that may not be makes what is around it null: bytes that were written since it began are
 * worthless, and whoever puts null in its place takes them back.
 */
export type Written = "value" | "null" | "nothing";

/** Writes one object, or one field of it. */
export type ObjectWriter = (projection: Projection, layers: Layers) => Written;

/** Writes what a field holds, lists included. */
export type ValueWriter<Value> = (projection: Projection, value: Value) => Written;

const nullBytes = Buffer.from("null");
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const COMMA = 0x2c;

/** Writes null. */
export function putNull({ sink }: Projection): "null" {
  putBytes(sink, nullBytes);
  return "null";
}

/**
 * Compiles the writer of a leaf field.
 * @see https://spec.graphql.org/October2021/#sec-Handling-Field-Errors
 */
export function compileLeafValue(type: GraphQLOutputType, path: readonly string[], put: LeafPutter): ValueWriter<unknown> {
  if (isNonNullType(type)) return compileRequired(path, compileLeafValue(type.ofType, path, put));
  if (isListType(type)) {
    const item = compileLeafValue(type.ofType, [...path, "@"], put);
    return (projection, value) => {
      if (value === null || value === undefined) return putNull(projection);
      if (!Array.isArray(value)) return refuse(projection, path);
      return writeList(projection, value.length, (index) => item(projection, value[index]));
    };
  }
  return (projection, value) => {
    if (value === null || value === undefined) return putNull(projection);
    return put(projection.sink, value) ? "value" : refuse(projection, path);
  };
}

function compileRequired<Value>(path: readonly string[], write: ValueWriter<Value>): ValueWriter<Value> {
  return (projection, value) => {
    const written = write(projection, value);
    if (written !== "null") return written;
    projection.report(path);
    return "nothing";
  };
}

function refuse(projection: Projection, path: readonly string[]): "null" {
  projection.report(path);
  return putNull(projection);
}

function writeList(projection: Projection, length: number, writeItem: (index: number) => Written): Written {
  const { sink } = projection;
  const start = sink.length;
  putByte(sink, OPENING_BRACKET);
  for (let index = 0; index < length; index += 1) {
    if (index > 0) putByte(sink, COMMA);
    if (writeItem(index) === "nothing") {
      takeBack(sink, start);
      return putNull(projection);
    }
  }
  putByte(sink, CLOSING_BRACKET);
  return "value";
}
