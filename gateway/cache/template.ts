import type { ArgumentNode, FieldNode, GraphQLNamedType, GraphQLSchema, SelectionSetNode, ValueNode } from "graphql";
import { getNamedType, isAbstractType, isCompositeType, isInterfaceType, isObjectType, Kind } from "graphql";
import { astFromValue } from "graphql/utilities/astFromValue.js";
import type { Catalogue } from "../../schema/catalogue.ts";
import { isInheritedName } from "../core/joined.ts";
import { signatureOf } from "../core/signature.ts";
import { TYPE_KEY } from "./shape.ts";

/** A selection set, read once; variables are put in place request by request. */
export interface SelectionTemplate {
  readonly typeName: string | undefined;
  readonly fields: readonly FieldTemplate[];
}

/** One selection of a field. */
export interface FieldTemplate {
  readonly responseKey: string;
  readonly name: string;
  readonly args: readonly ArgumentNode[];
  readonly typeConditions: readonly string[];
  /** The variables that say whether it is asked for, each with the value that it must have. */
  readonly when: readonly { readonly variable: string; readonly isTrue: boolean }[];
  readonly below: SelectionTemplate | undefined;
  readonly tags: readonly TagTemplate[];
  /** Coordinates of the field itself, on each type that it is asked of. */
  readonly own: readonly string[];
  /** Coordinates below it. */
  readonly coordinates: readonly string[];
  /** Types of the objects that it may hold, at any depth, interfaces and unions among them. */
  readonly typeNames: readonly string[];
  /** Tags below it. */
  readonly deepTags: readonly TagTemplate[];
}

/** A tag: fixed words, and arguments' values between them. */
export type TagTemplate = readonly (string | { readonly value: ValueNode })[];

/** What selections are read against. */
export interface TemplateContext {
  readonly schema: GraphQLSchema;
  readonly catalogue: Catalogue;
}

/**
 * Reads what a call selects of objects of a type.
 *
 * @param set Without fragment spreads.
 * @returns Undefined for a selection whose replies can't be kept: one that the schema doesn't hold, with directives other than `@skip` and
 * `@include`, with names that every object inherits, or with one response key for different fields.
 */
export function readTemplate(
  context: TemplateContext,
  parent: GraphQLNamedType | undefined,
  set: SelectionSetNode,
): SelectionTemplate | undefined {
  const fields = collectFields({ context, typeConditions: [], when: [] }, parent, set);
  if (fields === undefined || hasAmbiguousKeys(fields)) return undefined;
  return { typeName: isObjectType(parent) ? parent.name : undefined, fields: fields.map(({ template }) => template) };
}

interface Around {
  readonly context: TemplateContext;
  readonly typeConditions: readonly string[];
  readonly when: FieldTemplate["when"];
}

interface Found {
  readonly template: FieldTemplate;
  /** Equal signatures ask for the same thing. */
  readonly signature: string;
}

function collectFields(around: Around, parent: GraphQLNamedType | undefined, set: SelectionSetNode): Found[] | undefined {
  const found: Found[] = [];
  for (const selection of set.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return undefined;
    const when = readWhen(selection.directives ?? [], around.when);
    if (when === undefined) return undefined;
    if (selection.kind === Kind.FIELD) {
      const template = readField({ ...around, when }, parent, selection);
      if (template === undefined) return undefined;
      found.push({ template, signature: signatureOf(selection) });
      continue;
    }
    const condition = selection.typeCondition?.name.value;
    const typeConditions =
      condition === undefined || condition === parent?.name ? around.typeConditions : [...around.typeConditions, condition];
    const type = condition === undefined ? parent : around.context.schema.getType(condition);
    const below = collectFields({ ...around, typeConditions, when }, type, selection.selectionSet);
    if (below === undefined) return undefined;
    found.push(...below);
  }
  return found;
}

function readWhen(directives: NonNullable<FieldNode["directives"]>, outer: FieldTemplate["when"]): FieldTemplate["when"] | undefined {
  const when = [...outer];
  for (const { name, arguments: args } of directives) {
    const value = args?.find((argument) => argument.name.value === "if")?.value;
    const isKnown = name.value === "skip" || name.value === "include";
    if (!isKnown || value?.kind !== Kind.VARIABLE) return undefined;
    when.push({ variable: value.name.value, isTrue: name.value === "include" });
  }
  return when;
}

function readField(around: Around, parent: GraphQLNamedType | undefined, node: FieldNode): FieldTemplate | undefined {
  const { context, typeConditions, when } = around;
  const name = node.name.value;
  const responseKey = node.alias?.value ?? name;
  if (isInheritedName(responseKey) || isInheritedName(name)) return undefined;
  const asked = { responseKey, name, args: node.arguments ?? [], typeConditions, when };
  // Under another key an object's type would be looked for in vain.
  if (name === TYPE_KEY || responseKey === TYPE_KEY) return name === responseKey ? { ...asked, ...bare } : undefined;
  const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
  if (field === undefined || parent === undefined) return undefined;
  const own = (isAbstractType(parent) ? context.schema.getPossibleTypes(parent) : [parent]).map((type) => `${type.name}.${name}`);
  const type = getNamedType(field.type);
  const below = node.selectionSet === undefined ? undefined : readTemplate(context, type, node.selectionSet);
  if (node.selectionSet !== undefined && below === undefined) return undefined;
  const inner = (below?.fields ?? []).filter((child) => child.name !== TYPE_KEY);
  const tags = readTags(context, own, { node, parent });
  return {
    ...asked,
    below,
    tags,
    own,
    coordinates: [...new Set(inner.flatMap((child) => [...child.own, ...child.coordinates]))],
    typeNames: [...new Set([...typeNamesOf(context.schema, type), ...inner.flatMap((child) => child.typeNames)])],
    deepTags: [...tags, ...inner.flatMap((child) => child.deepTags)],
  };
}

const bare = { below: undefined, tags: [], own: [], coordinates: [], typeNames: [], deepTags: [] };

function typeNamesOf(schema: GraphQLSchema, type: GraphQLNamedType): readonly string[] {
  if (!isCompositeType(type)) return [];
  return isAbstractType(type) ? [type.name, ...schema.getPossibleTypes(type).map(({ name }) => name)] : [type.name];
}

interface TagSite {
  readonly node: FieldNode;
  readonly parent: GraphQLNamedType;
}

function readTags({ catalogue }: TemplateContext, own: readonly string[], site: TagSite): readonly TagTemplate[] {
  const formats = new Set(own.flatMap((coordinate) => catalogue.fields.get(coordinate)?.cacheTags ?? []));
  return [...formats].map((format) =>
    format.split(/(\{\$args\.\w+\})/).flatMap((part): TagTemplate => {
      const name = /^\{\$args\.(\w+)\}$/.exec(part)?.[1];
      return name === undefined ? (part === "" ? [] : [part]) : [{ value: argumentOf(site, name) }];
    }),
  );
}

/** An argument's value as it is written, else its default. */
function argumentOf({ node, parent }: TagSite, name: string): ValueNode {
  const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
  if (given !== undefined) return given;
  const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
  const definition = field?.args.find((argument) => argument.name === name);
  const nothing: ValueNode = { kind: Kind.NULL };
  if (definition?.defaultValue === undefined) return nothing;
  return astFromValue(definition.defaultValue, definition.type) ?? nothing;
}

/** Whether one response key stands for different fields of objects of different types: what an object is may not be known well enough. */
function hasAmbiguousKeys(fields: readonly Found[]): boolean {
  const meanings = new Map<string, string>();
  return fields.some(({ template: { responseKey }, signature }) => {
    const known = meanings.get(responseKey);
    meanings.set(responseKey, signature);
    return known !== undefined && known !== signature;
  });
}
