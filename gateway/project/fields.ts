import type { GraphQLLeafType, GraphQLOutputType } from "graphql";
import { isNonNullType } from "graphql";
import type { Code } from "../core/code.ts";
import { childTexts, type Frame, readText } from "../core/frame.ts";
import type { Place } from "../core/layout.ts";
import { objectsText } from "./objects.ts";
import { putBytes, putInteger, putQuoted, reserve } from "./sink.ts";
import type { Source } from "./source.ts";
import type { ObjectWriter, ValueWriter } from "./value.ts";

/** How a field of an object is written. */
export type FieldText =
  /** Always the same. */
  | { readonly kind: "constant"; readonly text: string }
  /** By a text with the variables `projection`, `sink` and `layers` and those of a frame, which returns "nothing" where a null may not be. */
  | { readonly kind: "text"; readonly write: (scene: FieldScene) => string };

/** Where a field's text stands. */
export interface FieldScene {
  readonly code: Code;
  readonly frame: Pick<Frame, "layer" | "local">;
}

/** A field that is always the same. @param text JSON. */
export function constantField(text: string): FieldText {
  return { kind: "constant", text };
}

/** A field that code writes which is no text. */
export function calledField(write: ObjectWriter): FieldText {
  return { kind: "text", write: ({ code }) => `if (${code.refer(write)}(projection, layers) === "nothing") return "nothing";\n` };
}

/** What a leaf field is written from. */
export interface LeafField {
  readonly sources: readonly Source[];
  readonly type: GraphQLOutputType;
  /** Undefined for a mask. */
  readonly leaf: GraphQLLeafType | undefined;
  /** Writes any value. */
  readonly write: ValueWriter<unknown>;
}

/** A leaf: what fits is written at once, and all else as its writer says. */
export function leafField({ sources, type, leaf, write }: LeafField): FieldText {
  return {
    kind: "text",
    write({ code, frame }): string {
      const value = frame.local("leaf");
      const [first = "undefined", ...others] = sources.map(({ slotIndex, entry }) => readText(frame.layer(slotIndex), entry.sourceKey));
      const reads = others.map((read) => `if (${value} === undefined || ${value} === null) ${value} = ${read};\n`).join("");
      const otherwise = `if (${code.refer(write)}(projection, ${value}) === "nothing") return "nothing";\n`;
      const quick = (isNonNullType(type) ? type.ofType : type) === leaf ? quickText({ code, frame }, leaf?.name, value) : "";
      return `let ${value} = ${first};\n${reads}${quick}${otherwise}`;
    },
  };
}

function quickText(scene: FieldScene, typeName: string | undefined, value: string): string {
  const { code } = scene;
  switch (typeName) {
    case "String":
    case "ID":
      return `if (typeof ${value} === "string") ${code.refer(putQuoted)}(sink, ${value});\nelse `;
    case "Int":
      return `if ((${value} | 0) === ${value}) ${code.refer(putInteger)}(sink, ${value});\nelse `;
    case "Boolean":
      return `if (${value} === true) {\n${putText(scene, "true")}} else if (${value} === false) {\n${putText(scene, "false")}} else `;
    default:
      return "";
  }
}

/** A field that holds objects. */
export interface ObjectsField {
  readonly place: Place;
  readonly type: GraphQLOutputType;
  readonly path: readonly string[];
  readonly writeObject: ObjectWriter;
}

/** A field that holds objects, or lists of them. */
export function objectsField({ place, type, path, writeObject }: ObjectsField): FieldText {
  return {
    kind: "text",
    write({ code, frame }): string {
      const write = objectsText({ code, place, writeObject }, type, path);
      return `if (${write}(${["projection", ...childTexts(frame, place)].join(", ")}) === "nothing") return "nothing";\n`;
    },
  };
}

/** The longest text that is written by statements of its own: they are faster than a loop, up to where there are too many of them. */
const unrolledMax = 64;
const wordBytes = 4;

/** Writes what is always the same. */
export function putText({ code, frame }: FieldScene, text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length > unrolledMax) return `${code.refer(putBytes)}(sink, ${code.refer(bytes)});\n`;
  const at = frame.local("at");
  return `const ${at} = ${code.refer(reserve)}(sink, ${bytes.length});\n${bytes.length < wordBytes ? byteWrites(bytes, at) : wordWrites(bytes, at)}`;
}

function byteWrites(bytes: Buffer, at: string): string {
  return [...bytes].map((byte, index) => `sink.bytes[${at} + ${index}] = ${byte};\n`).join("");
}

/** Four bytes at a time; the last four may overlap those before. */
function wordWrites(bytes: Buffer, at: string): string {
  const last = bytes.length - wordBytes;
  const starts = Array.from({ length: Math.ceil(bytes.length / wordBytes) }, (_, index) => Math.min(index * wordBytes, last));
  return starts.map((start) => `sink.view.setUint32(${at} + ${start}, ${bytes.readUInt32BE(start)});\n`).join("");
}
