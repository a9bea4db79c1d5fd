import { HubError } from "../core/errors.ts";
import { childValues, createReader, elementValues, type Joined, type Layers, layersOf, listOf } from "../core/joined.ts";
import type { Entry, FixedValue, Place, RequiredSelection } from "../core/layout.ts";
import { quote } from "../core/quote.ts";
import type { TypeKnowledge } from "./types.ts";

/**
 * Writes the representation of one object as JSON text, which is also its key when equal ones are sent once.
 * Undefined when a required field was never delivered: the entity is then left out.
 */
export type RepresentationWriter = (layers: Layers, joined: Joined) => string | undefined;

/** What a writer is compiled from. */
export interface RepresentationOptions {
  readonly place: Place;
  readonly requires: readonly RequiredSelection[];
  readonly fixedValues: readonly FixedValue[];
  /** Fetches whose layers may be read: those that have ended by then. */
  readonly earlier: ReadonlySet<number>;
  readonly types: TypeKnowledge;
}

/** Compiles the writer of one attachment's representations at one place. */
export function compileRepresentation(options: RepresentationOptions): RepresentationWriter {
  const { place, types, fixedValues } = options;
  const writeMembers = compileMembers(options, place, options.requires);
  return (layers, joined) => {
    const typeName = types.typeNameOf(place, layers) ?? soleType(options.requires);
    if (typeName === undefined) return undefined;
    const members = writeMembers({ layers, joined, typeName, fixedValues: fixedValuesFor(fixedValues, typeName, types) });
    return members === undefined || members === "" ? undefined : `{${members}}`;
  };
}

interface Subject {
  readonly layers: Layers;
  readonly joined: Joined;
  readonly typeName: string | undefined;
  readonly fixedValues: readonly FixedValue[];
}

type MemberWriter = (subject: Subject) => string | undefined;

/** Objects of a concrete type needn't be asked for their type; the representation's own condition then tells it. */
function soleType(requires: readonly RequiredSelection[]): string | undefined {
  const [only, ...others] = requires;
  return only?.kind === "fragment" && others.length === 0 ? only.typeCondition : undefined;
}

function fixedValuesFor(all: readonly FixedValue[], typeName: string, types: TypeKnowledge): readonly FixedValue[] {
  if (all.length === 0) return all;
  return all.filter(({ typeNames }) => typeNames === undefined || typeNames.some((name) => types.isRelated(typeName, name)));
}

function compileMembers(options: RepresentationOptions, place: Place, selections: readonly RequiredSelection[]): MemberWriter {
  const writers = selections.map((selection) => compileSelection(options, place, selection));
  return (subject) => {
    let text = "";
    for (const write of writers) {
      const part = write(subject);
      if (part === undefined) return undefined;
      if (part !== "") text = text === "" ? part : `${text},${part}`;
    }
    return text;
  };
}

function compileSelection(options: RepresentationOptions, place: Place, selection: RequiredSelection): MemberWriter {
  if (selection.kind === "fragment") {
    const write = compileMembers(options, place, selection.selections);
    const { typeCondition } = selection;
    return (subject) => (subject.typeName === undefined || options.types.isRelated(subject.typeName, typeCondition) ? write(subject) : "");
  }
  if (selection.name === "__typename") return writeTypeName;
  const prefix = `${JSON.stringify(selection.name)}:`;
  const write = selection.selections === undefined ? compileLeaf(options, place, selection) : compileObjects(options, place, selection);
  const { name } = selection;
  return (subject) => {
    const fixed = subject.fixedValues.length === 0 ? undefined : subject.fixedValues.find((value) => value.name === name);
    if (fixed !== undefined) return prefix + JSON.stringify(fixed.value);
    const text = write(subject);
    return text === undefined ? undefined : prefix + text;
  };
}

function writeTypeName({ fixedValues, typeName }: Subject): string | undefined {
  const fixed = fixedValues.length === 0 ? undefined : fixedValues.find((value) => value.name === "__typename");
  const name = fixed?.value ?? typeName;
  return name === undefined ? undefined : `"__typename":${quote(name)}`;
}

interface Source {
  readonly slotIndex: number;
  readonly entry: Entry;
}

/** The layers that were asked for a required field, in the plan's order. */
function sourcesOf(options: RepresentationOptions, place: Place, selection: RequiredSelection & { kind: "field" }): Source[] {
  const readable = place.slots.filter((slot) => options.earlier.has(slot.fetchId));
  const find = (isMatch: (entry: Entry) => boolean): Source[] =>
    readable.flatMap((slot) => slot.entries.filter(isMatch).map((entry) => ({ slotIndex: slot.index, entry })));
  const byKey = find((entry) => entry.sourceKey === selection.sourceKey && entry.fieldName === selection.name);
  return byKey.length > 0 ? byKey : find((entry) => entry.responseKey === selection.sourceKey && entry.fieldName === selection.name);
}

function compileLeaf(options: RepresentationOptions, place: Place, selection: RequiredSelection & { kind: "field" }): MemberWriter {
  const sources = requireSources(sourcesOf(options, place, selection), selection.name);
  const readers = sources.map(({ slotIndex, entry }) => ({ slotIndex, read: createReader(entry.sourceKey) }));
  return ({ layers }) => {
    for (const { slotIndex, read } of readers) {
      const layer = layers[slotIndex];
      if (layer === undefined) continue;
      const value = read(layer);
      if (value !== undefined) return typeof value === "string" ? quote(value) : jsonTextOf(value);
    }
    return undefined;
  };
}

function jsonTextOf(value: unknown): string | undefined {
  return typeof value === "function" ? undefined : JSON.stringify(value);
}

function compileObjects(options: RepresentationOptions, place: Place, selection: RequiredSelection & { kind: "field" }): MemberWriter {
  const sources = requireSources(sourcesOf(options, place, selection), selection.name);
  const places = [...new Set(sources.flatMap(({ entry }) => entry.child ?? []))];
  const writers = places.map((child) => ({ child, write: compileMembers(options, child, selection.selections ?? []) }));
  return ({ layers, joined }) => {
    for (const { child, write } of writers) {
      const values = childValues(child, layers);
      if (values.every((value) => value === undefined)) continue;
      return writeValues({ options, child, joined, write }, values);
    }
    return undefined;
  };
}

interface Nested {
  readonly options: RepresentationOptions;
  readonly child: Place;
  readonly joined: Joined;
  readonly write: MemberWriter;
}

function writeValues(nested: Nested, values: unknown[]): string | undefined {
  const list = listOf(values);
  if (list !== undefined) {
    const parts: string[] = [];
    for (let index = 0; index < list.length; index += 1) {
      const part = writeValues(nested, elementValues(values, index));
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return `[${parts.join(",")}]`;
  }
  const layers = layersOf(nested.child, values, nested.joined);
  if (layers === undefined) return "null";
  const typeName = nested.options.types.typeNameOf(nested.child, layers);
  const members = nested.write({ layers, joined: nested.joined, typeName, fixedValues: [] });
  return members === undefined ? undefined : `{${members}}`;
}

function requireSources(sources: Source[], name: string): Source[] {
  if (sources.length > 0) return sources;
  throw new HubError("OPERATION_NOT_SUPPORTED", `The plan of this operation needs the field ${name}, which no earlier call delivers.`, {
    field: name,
  });
}
