import type { GraphQLOutputType } from "graphql";
import { isListType, isNonNullType } from "graphql";
import { type Code, literal } from "../core/code.ts";
import { createFrame, isObjectText, layersText, listTexts, type Supply, valueNames } from "../core/frame.ts";
import { entityOf } from "../core/joined.ts";
import type { Place } from "../core/layout.ts";
import { copyRepeated } from "./copy.ts";
import { putByte, takeBack } from "./sink.ts";
import { type ObjectWriter, type Projection, putNull } from "./value.ts";

/** A field that holds objects, while the text that writes it is made. */
export interface ObjectsContext {
  readonly code: Code;
  readonly place: Place;
  readonly writeObject: ObjectWriter;
}

function supplyOf(code: Code): Supply {
  return {
    entity: (attachmentId, anchor) => `${code.refer(entityOf)}(projection.joined.entities[${attachmentId}], ${anchor})`,
    reentry: (fetchId) => `projection.joined.reentries[${fetchId}]`,
  };
}

/**
 * Defines the function that writes what a field of objects holds: it gets the projection and the values of the place's inner slots, and returns
 * what was written.
 *
 * @returns its name.
 * @see https://spec.graphql.org/October2021/#sec-Handling-Field-Errors
 */
export function objectsText(context: ObjectsContext, type: GraphQLOutputType, path: readonly string[]): string {
  return context.code.define("objects", ["projection", ...valueNames(context.place)], bodyText(context, type, path));
}

function bodyText(context: ObjectsContext, type: GraphQLOutputType, path: readonly string[]): string {
  const { code, place } = context;
  if (isNonNullType(type)) {
    const write = objectsText(context, type.ofType, path);
    return `const written = ${write}(${["projection", ...valueNames(place)].join(", ")});
if (written !== "null") return written;
projection.report(${code.refer(path)});
return "nothing";
`;
  }
  return isListType(type) ? listBody(context, type.ofType, path) : objectBody(context, path);
}

function listBody(context: ObjectsContext, itemType: GraphQLOutputType, path: readonly string[]): string {
  const { code, place } = context;
  const write = objectsText(context, itemType, [...path, "@"]);
  const values = valueNames(place);
  const { isList, list, elements } = listTexts(values);
  const put = code.refer(putByte);
  return `if (!(${isList})) ${otherwiseText(context, values.map(isObjectText), path)}
const list = ${list};
const { sink } = projection;
const start = sink.length;
${put}(sink, ${literal(OPENING_BRACKET)});
for (let index = 0; index < list.length; index += 1) {
if (index > 0) ${put}(sink, ${literal(COMMA)});
if (${write}(${["projection", ...elements].join(", ")}) !== "nothing") continue;
${code.refer(takeBack)}(sink, start);
return ${code.refer(putNull)}(projection);
}
${put}(sink, ${literal(CLOSING_BRACKET)});
return "value";
`;
}

const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const COMMA = 0x2c;

function objectBody(context: ObjectsContext, path: readonly string[]): string {
  const { code, place, writeObject } = context;
  const frame = createFrame(place, supplyOf(code));
  const values = valueNames(place).map((value) => `(${value} !== null && ${value} !== undefined)`);
  const none = otherwiseText(context, values, path);
  const all = frame.all();
  const isRepeated = place.outer
    .filter(({ attachmentId }) => attachmentId !== undefined)
    .map(({ index, attachmentId }) => `(projection.joined.isRepeated[${attachmentId}] === true && layers[${index}] !== undefined)`);
  const write = code.refer(writeObject);
  const copied =
    isRepeated.length === 0
      ? write
      : `(projection.copies !== undefined && (${isRepeated.join(" || ")}) ? ${code.refer(copyRepeated(place, writeObject))} : ${write})`;
  return `${layersText(place, none)}${frame.loads()}const layers = ${all};
const start = projection.sink.length;
if (${copied}(projection, layers) === "value") return "value";
${code.refer(takeBack)}(projection.sink, start);
return ${code.refer(putNull)}(projection);
`;
}

/** What is written where there is no list, or no object: null, and an error where something else is there. @param others Whether a value is such a thing. */
function otherwiseText({ code }: ObjectsContext, others: readonly string[], path: readonly string[]): string {
  const putNullText = `return ${code.refer(putNull)}(projection);`;
  if (others.length === 0) return putNullText;
  const refuse = (projection: Projection): "null" => {
    projection.report(path);
    return putNull(projection);
  };
  return `{\nif (${others.join(" || ")}) return ${code.refer(refuse)}(projection);\n${putNullText}\n}`;
}
