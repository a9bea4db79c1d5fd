import { readFile } from "node:fs/promises";
import { parse } from "yaml";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Record = { [key: string]: Json };

/** A response to hold against a description. */
export interface Observed {
  /** Path as the description writes it, such as `/v1/properties/{prn}`. */
  readonly path: string;
  readonly method: "get" | "post";
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

/** Reads an OpenAPI description. */
export async function readDescription(file: URL): Promise<Record> {
  return parse(await readFile(file, "utf8")) as Record;
}

/** What is wrong with a response, as far as the description says; empty when nothing is. An undescribed response is wrong. */
export function faultsOf(description: Record, observed: Observed): string[] {
  const responses = dig(description, ["paths", observed.path, observed.method, "responses"]);
  const response = resolve(description, dig(responses, [String(observed.status)]));
  const schema = dig(response, ["content", observed.contentType.split(";")[0] ?? "", "schema"]);
  if (schema === undefined) return [`${observed.method} ${observed.path} ${observed.status} ${observed.contentType} is not described`];
  return check({ description, schema, value: observed.body as Json, at: "$" });
}

interface Check {
  readonly description: Record;
  readonly schema: Json;
  readonly value: Json;
  readonly at: string;
}

/** The keywords of JSON Schema 2020-12 that the descriptions use. An unknown one fails, so that none is passed over. */
const keywords: { readonly [name: string]: (check: Check, argument: Json) => string[] } = {
  description: () => [],
  default: () => [],
  type: (c, type) => (isOfType(c.value, type as string) ? [] : [`${c.at} is not ${type as string}`]),
  const: (c, value) => (c.value === value ? [] : [`${c.at} is not ${JSON.stringify(value)}`]),
  enum: (c, values) => ((values as Json[]).includes(c.value) ? [] : [`${c.at} is not one of ${JSON.stringify(values)}`]),
  pattern: (c, pattern) =>
    typeof c.value !== "string" || new RegExp(pattern as string, "u").test(c.value) ? [] : [`${c.at} does not match ${pattern as string}`],
  minimum: (c, least) => (typeof c.value !== "number" || c.value >= Number(least) ? [] : [`${c.at} is below ${JSON.stringify(least)}`]),
  maximum: (c, most) => (typeof c.value !== "number" || c.value <= Number(most) ? [] : [`${c.at} is above ${JSON.stringify(most)}`]),
  minLength: (c, least) => (typeof c.value !== "string" || c.value.length >= Number(least) ? [] : [`${c.at} is too short`]),
  maxLength: (c, most) => (typeof c.value !== "string" || c.value.length <= Number(most) ? [] : [`${c.at} is too long`]),
  minItems: (c, least) => (!Array.isArray(c.value) || c.value.length >= Number(least) ? [] : [`${c.at} has too few items`]),
  maxItems: (c, most) => (!Array.isArray(c.value) || c.value.length <= Number(most) ? [] : [`${c.at} has too many items`]),
  required: (c, names) =>
    (names as string[]).filter((name) => isRecord(c.value) && !Object.hasOwn(c.value, name)).map((name) => `${c.at}.${name} is missing`),
  properties: (c, schemas) =>
    Object.entries(schemas as Record).flatMap(([name, schema]) =>
      isRecord(c.value) && Object.hasOwn(c.value, name) ? check({ ...c, schema, value: c.value[name] as Json, at: `${c.at}.${name}` }) : [],
    ),
  additionalProperties: (c, schema) => {
    const described = Object.keys((isRecord(c.schema) ? (c.schema["properties"] as Record | undefined) : undefined) ?? {});
    const others = isRecord(c.value) ? Object.entries(c.value).filter(([name]) => !described.includes(name)) : [];
    return others.flatMap(([name, value]) =>
      schema === false ? [`${c.at}.${name} is not described`] : check({ ...c, schema, value, at: `${c.at}.${name}` }),
    );
  },
  items: (c, schema) =>
    Array.isArray(c.value) ? c.value.flatMap((value, index) => check({ ...c, schema, value, at: `${c.at}[${index}]` })) : [],
  oneOf: (c, schemas) => {
    const faults = (schemas as Json[]).map((schema) => check({ ...c, schema }));
    return faults.filter((each) => each.length === 0).length === 1
      ? []
      : [`${c.at} fits not exactly one of: ${faults.map((each) => each[0] ?? "fits").join(" | ")}`];
  },
};

function check(c: Check): string[] {
  const schema = resolve(c.description, c.schema);
  if (!isRecord(schema)) return [`${c.at}: the schema is not an object`];
  return Object.entries(schema).flatMap(
    ([name, argument]) => keywords[name]?.({ ...c, schema }, argument) ?? [`${c.at}: unknown keyword ${name}`],
  );
}

function resolve(description: Record, schema: Json | undefined): Json | undefined {
  if (!isRecord(schema)) return schema;
  const reference = schema["$ref"];
  return typeof reference === "string" ? resolve(description, dig(description, reference.replace("#/", "").split("/"))) : schema;
}

function dig(from: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => (isRecord(value) ? value[key] : undefined), from);
}

function isRecord(value: Json | undefined): value is Record {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOfType(value: Json, type: string): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isRecord(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "null") return value === null;
  return typeof value === type;
}
