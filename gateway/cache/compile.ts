import { createHash } from "node:crypto";
import type { FieldNode, OperationDefinitionNode } from "graphql";
import { Kind, parse } from "graphql";
import type { Catalogue, Level } from "../../schema/catalogue.ts";
import { inlineFragments } from "../core/inline.ts";
import type { Attachment, FetchStep } from "../core/layout.ts";
import type { Variables } from "./arguments.ts";
import { bindTags, isAsked, mergeFields, variablesOf } from "./bind.ts";
import type { Shape, ShapeField } from "./shape.ts";
import { TYPE_KEY } from "./shape.ts";
import { someSlot, tagSlot } from "./slots.ts";
import { type FieldTemplate, readTemplate, type SelectionTemplate, type TemplateContext } from "./template.ts";
import { mayShare, type Terms, termsOf } from "./terms.ts";

/** One kind of record that a fetch reads: the entities of an attachment, or one field of the root. */
export interface Part {
  /** Key in the reply. */
  readonly responseKey: string;
  /** Undefined for a field of the root. */
  readonly attachment: Attachment | undefined;
  readonly template: SelectionTemplate;
  /** On which terms each field at the top is kept, by response key. */
  readonly terms: ReadonlyMap<string, Terms>;
  /** For figures: the type of its entities, or the field of the root. */
  readonly label: string;
  readonly level: Level;
  readonly isShared: boolean;
  /** Variables that its question depends on. */
  readonly variables: readonly string[];
}

/** A fetch whose every part may be kept. */
export interface Plan {
  readonly fetch: FetchStep;
  readonly operation: OperationDefinitionNode;
  /** The operation's text where it isn't the fetch's own. */
  readonly text: string | undefined;
  readonly parts: readonly Part[];
  readonly variables: readonly string[];
}

/**
 * Reads of a fetch what may be kept of it. All bureaus share it only when everything that was fetched before and by it may be shared: whose entities are
 * asked for, and whether a reply has an error and isn't kept, follows from the rest.
 *
 * @param before Fetches that have ended when this one begins.
 * @returns Undefined when it has to be made anyway: it isn't a query, or a part of it is declared by no department or can't be read.
 */
export function compilePlan(fetch: FetchStep, before: readonly FetchStep[], context: TemplateContext): Plan | undefined {
  const { operationKind, coordinates, topCoordinates, attachments } = fetch;
  if (operationKind !== "query" || coordinates === undefined || topCoordinates.length === 0) return undefined;
  // Most fetches end here, before their text is read.
  if (!topCoordinates.every((coordinate) => context.catalogue.fields.get(coordinate)?.maxAgeSeconds !== undefined)) return undefined;
  const document = inlineFragments(parse(fetch.text, { noLocation: true }));
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) return undefined;
  const found = readParts(operation, attachments, context);
  if (found === undefined || found.length === 0) return undefined;
  const isShared = found.every((part) => part.isShared) && before.every((one) => isShareable(one, context.catalogue));
  const parts = isShared ? found : found.map((part) => ({ ...part, isShared }));
  return { fetch, operation, text: undefined, parts, variables: [...new Set(parts.flatMap((part) => part.variables))] };
}

/** Reads the kinds of records of an operation. @returns Undefined when one of them can't be kept. */
export function readParts(
  operation: OperationDefinitionNode,
  attachments: readonly Attachment[],
  context: TemplateContext,
): Part[] | undefined {
  return attachments.length > 0 ? entityParts(operation, attachments, context) : rootParts(operation, context);
}

function isShareable({ coordinates }: FetchStep, catalogue: Catalogue): boolean {
  return coordinates?.every((coordinate) => mayShare(catalogue.fields.get(coordinate))) ?? false;
}

function entityParts(operation: OperationDefinitionNode, attachments: readonly Attachment[], context: TemplateContext): Part[] | undefined {
  const parts: Part[] = [];
  for (const attachment of attachments) {
    const node = operation.selectionSet.selections.find(
      (selection): selection is FieldNode =>
        selection.kind === Kind.FIELD && (selection.alias?.value ?? selection.name.value) === attachment.responseKey,
    );
    // A condition on the list itself would make a reply without it no mistake.
    if (node?.selectionSet === undefined || (node.directives ?? []).length > 0) return undefined;
    const template = readTemplate(context, undefined, node.selectionSet);
    const part =
      template === undefined ? undefined : partOf({ responseKey: attachment.responseKey, attachment, template }, context.catalogue);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts;
}

function rootParts(operation: OperationDefinitionNode, context: TemplateContext): Part[] | undefined {
  const template = readTemplate(context, context.schema.getQueryType() ?? undefined, operation.selectionSet);
  if (template === undefined) return undefined;
  const parts: Part[] = [];
  for (const responseKey of new Set(template.fields.map((field) => field.responseKey))) {
    const fields = template.fields.filter((field) => field.responseKey === responseKey);
    const part = partOf({ responseKey, attachment: undefined, template: { ...template, fields } }, context.catalogue);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts;
}

function partOf(start: Pick<Part, "responseKey" | "attachment" | "template">, catalogue: Catalogue): Part | undefined {
  const terms = new Map<string, Terms>();
  for (const [responseKey, fields] of groupFields(start.template.fields)) {
    if (fields[0]?.name === TYPE_KEY) continue;
    const own = fields.flatMap((field) => field.own);
    const found = termsOf({ own, below: fields.flatMap((field) => field.coordinates) }, catalogue);
    if (found === undefined) return undefined;
    terms.set(responseKey, found);
  }
  const all = [...terms.values()];
  if (all.length === 0) return undefined;
  return {
    ...start,
    terms,
    label: labelOf(start),
    level: all.reduce<Level>((level, { level: other }) => (order(other) > order(level) ? other : level), "OPEN"),
    isShared: all.every(({ isShared }) => isShared),
    variables: [...variablesOf(start.template)],
  };
}

function labelOf({ attachment, template }: Pick<Part, "attachment" | "template">): string {
  const own = template.fields.flatMap((field) => field.own)[0] ?? "";
  return attachment === undefined ? own : own.slice(0, own.indexOf("."));
}

function order(level: Level): number {
  return level === "OPEN" ? 0 : level === "RESTRICTED" ? 1 : 2;
}

function groupFields(fields: readonly FieldTemplate[]): ReadonlyMap<string, readonly FieldTemplate[]> {
  const groups = new Map<string, FieldTemplate[]>();
  for (const field of fields) {
    const group = groups.get(field.responseKey) ?? [];
    groups.set(field.responseKey, group);
    group.push(field);
  }
  return groups;
}

/** A part with the values of variables in place. Requests with equal ones share it. */
export interface BoundPart {
  readonly part: Part;
  /** Equal for equal questions: a hash of what is asked for at the top. */
  readonly question: string;
  /** All that is asked for at the top. */
  readonly fields: readonly ShapeField[];
  readonly groups: readonly Group[];
}

/** Fields at the top that are kept on the same terms, in one segment. */
export interface Group {
  readonly lifetimeMs: number;
  readonly staleMs: number;
  readonly shape: Shape;
  /** Slots of the types and tags that the fields hold, whatever the record's own. Sorted. */
  readonly slots: readonly number[];
}

/** Names of what is asked for may be long, as arguments belong to them. */
function hashOf(keys: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(keys)).digest("base64url");
}

/** Binds a part; undefined when nothing of it is asked for, or only what objects are. */
export function bindPart(part: Part, variables: Variables): BoundPart | undefined {
  const asked = part.template.fields.filter((field) => isAsked(field, variables));
  const fields = mergeFields(asked, variables);
  if (fields.every(({ responseKey }) => responseKey === TYPE_KEY)) return undefined;
  const types = fields.filter(({ responseKey }) => responseKey === TYPE_KEY);
  const byTerms = new Map<string, { readonly terms: Terms; readonly fields: ShapeField[] }>();
  for (const field of fields) {
    const terms = part.terms.get(field.responseKey);
    if (terms === undefined) continue;
    const key = `${terms.lifetimeMs} ${terms.staleMs}`;
    const group = byTerms.get(key) ?? { terms, fields: [...types] };
    byTerms.set(key, group);
    group.fields.push(field);
  }
  const groups = [...byTerms.values()].map((group): Group => {
    const keys = new Set(group.fields.map(({ responseKey }) => responseKey));
    const own = asked.filter(({ responseKey }) => keys.has(responseKey));
    const slots = own.flatMap(({ typeNames, deepTags }) => [...typeNames.map(someSlot), ...bindTags(deepTags, variables).map(tagSlot)]);
    return {
      lifetimeMs: group.terms.lifetimeMs,
      staleMs: part.level === "OPEN" && part.isShared ? group.terms.staleMs : 0,
      shape: { typeName: part.template.typeName, fields: group.fields },
      slots: [...new Set(slots)].toSorted((left, right) => left - right),
    };
  });
  return { part, question: hashOf(fields.map(({ key }) => key)), fields, groups };
}
