import type { GraphQLOutputType } from "graphql";
import { isListType, isNonNullType } from "graphql";
import { elementValues, isJsonObject, type Joined, type Layers, layersOf, listOf } from "../core/joined.ts";
import type { Place } from "../core/layout.ts";
import type { LeafWriter } from "./leaf.ts";

/** One answer while it is written. */
export interface Projection {
  readonly joined: Joined;
  /** Answers of introspection fields by response key. */
  readonly introspection: Readonly<Record<string, unknown>> | undefined;
  /** Tells of a value that is missing or does not fit. */
  readonly report: (path: readonly string[]) => void;
}

/** Writes one object; undefined when a null that may not be makes the object null. */
export type ObjectWriter = (projection: Projection, layers: Layers) => string | undefined;

/** Writes what a field holds, lists included; undefined when it is null and may not be. */
export type ValueWriter<Value> = (projection: Projection, value: Value) => string | undefined;

/**
 * Compiles the writer of a leaf field.
 * @see https://spec.graphql.org/October2021/#sec-Handling-Field-Errors
 */
export function compileLeafValue(type: GraphQLOutputType, path: readonly string[], write: LeafWriter): ValueWriter<unknown> {
  if (isNonNullType(type)) return compileRequired(path, compileLeafValue(type.ofType, path, write));
  if (isListType(type)) {
    const item = compileLeafValue(type.ofType, [...path, "@"], write);
    return (projection, value) => {
      if (value === null || value === undefined) return "null";
      if (!Array.isArray(value)) return refuse(projection, path);
      return writeList(value.length, (index) => item(projection, value[index]));
    };
  }
  return (projection, value) => {
    if (value === null || value === undefined) return "null";
    return write(value) ?? refuse(projection, path);
  };
}

/** What is compiled for a field that holds objects. */
export interface ObjectValue {
  readonly place: Place;
  readonly writeObject: ObjectWriter;
}

/** Compiles the writer of a field that holds objects. It gets the values of the place's slots. */
export function compileObjectValue(type: GraphQLOutputType, path: readonly string[], object: ObjectValue): ValueWriter<readonly unknown[]> {
  if (isNonNullType(type)) return compileRequired(path, compileObjectValue(type.ofType, path, object));
  if (isListType(type)) {
    const item = compileObjectValue(type.ofType, [...path, "@"], object);
    return (projection, values) => {
      const list = listOf(values);
      if (list === undefined) return values.some(isJsonObject) ? refuse(projection, path) : "null";
      return writeList(list.length, (index) => item(projection, elementValues(values, index)));
    };
  }
  return (projection, values) => {
    const layers = layersOf(object.place, values, projection.joined);
    if (layers !== undefined) return object.writeObject(projection, layers) ?? "null";
    return values.every((value) => value === null || value === undefined) ? "null" : refuse(projection, path);
  };
}

function compileRequired<Value>(path: readonly string[], write: ValueWriter<Value>): ValueWriter<Value> {
  return (projection, value) => {
    const text = write(projection, value);
    if (text !== "null") return text;
    projection.report(path);
    return undefined;
  };
}

function refuse(projection: Projection, path: readonly string[]): string {
  projection.report(path);
  return "null";
}

function writeList(length: number, writeItem: (index: number) => string | undefined): string {
  let text = "[";
  for (let index = 0; index < length; index += 1) {
    const item = writeItem(index);
    if (item === undefined) return "null";
    text += index === 0 ? item : `,${item}`;
  }
  return `${text}]`;
}
