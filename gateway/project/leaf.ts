import type { GraphQLLeafType } from "graphql";
import { isEnumType } from "graphql";
import { quote } from "../core/quote.ts";
import { putQuoted, putText, type Sink } from "./sink.ts";

/** Writes a leaf as JSON text; undefined when the value does not fit the type. It never gets null. */
export type LeafWriter = (value: unknown) => string | undefined;

/** Writes a leaf into an answer; false, with nothing written, when the value does not fit the type. It never gets null. */
export type LeafPutter = (sink: Sink, value: unknown) => boolean;

/** Chooses how a leaf type is written into an answer in clear. */
export function leafPutterOf(type: GraphQLLeafType): LeafPutter {
  if (type.name === "String") return putString;
  if (type.name === "ID") return putId;
  return textPutter(leafWriterOf(type));
}

/** Puts what a writer writes. */
export function textPutter(write: LeafWriter): LeafPutter {
  return (sink, value) => {
    const text = write(value);
    if (text === undefined) return false;
    putText(sink, text);
    return true;
  };
}

function putString(sink: Sink, value: unknown): boolean {
  if (typeof value !== "string") return false;
  putQuoted(sink, value);
  return true;
}

function putId(sink: Sink, value: unknown): boolean {
  if (typeof value !== "string" && !(typeof value === "number" && Number.isInteger(value))) return false;
  putQuoted(sink, String(value));
  return true;
}

const intMax = 2_147_483_647;
const intMin = -2_147_483_648;

/**
 * Chooses the writer of a leaf type: what a subgraph sends is coerced as a server's results are.
 * @see https://spec.graphql.org/October2021/#sec-Scalars (Result Coercion)
 */
export function leafWriterOf(type: GraphQLLeafType): LeafWriter {
  if (isEnumType(type)) {
    const texts = new Map(type.getValues().map(({ name }) => [name, JSON.stringify(name)] as const));
    return (value) => (typeof value === "string" ? texts.get(value) : undefined);
  }
  switch (type.name) {
    case "String":
      return writeString;
    case "ID":
      return writeId;
    case "Int":
      return writeInt;
    case "Float":
      return writeFloat;
    case "Boolean":
      return writeBoolean;
    default:
      return writeAny;
  }
}

function writeString(value: unknown): string | undefined {
  return typeof value === "string" ? quote(value) : undefined;
}

function writeId(value: unknown): string | undefined {
  if (typeof value === "string") return quote(value);
  return typeof value === "number" && Number.isInteger(value) ? `"${value}"` : undefined;
}

function writeInt(value: unknown): string | undefined {
  return typeof value === "number" && Number.isInteger(value) && value <= intMax && value >= intMin ? String(value) : undefined;
}

function writeFloat(value: unknown): string | undefined {
  return typeof value === "number" && Number.isFinite(value) ? JSON.stringify(value) : undefined;
}

function writeBoolean(value: unknown): string | undefined {
  return typeof value === "boolean" ? String(value) : undefined;
}

function writeAny(value: unknown): string | undefined {
  return typeof value === "function" ? undefined : JSON.stringify(value);
}
