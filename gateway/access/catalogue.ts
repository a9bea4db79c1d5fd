import type { GraphQLField, GraphQLSchema } from "graphql";
import { extendSchema, parse } from "graphql";
import { conditionInWords } from "../../policies/engine/condition.ts";
import { maskInWords } from "../../policies/engine/masks.ts";
import type { Decision, Entitlement } from "../../policies/engine/words.ts";
import type { Catalogue, CatalogueField } from "../../schema/catalogue.ts";
import { catalogueField, catalogueType, isCatalogue } from "../core/reserved.ts";
import { decisionOn } from "./decision.ts";

const sdl = parse(
  `
  """A field of the graph, whether you may read it or not."""
  type ${catalogueType} {
    """Such as \`Person.name\`."""
    coordinate: String!
    """The field's type as the schema writes it."""
    type: String!
    description: String
    """Departments that answer for it: ask one of them for an agreement."""
    owners: [String!]!
    level: HubLevel!
    personal: Boolean!
    identifier: HubIdentifier!
    """Fields that it is computed from."""
    computedFrom: [String!]!
    """What your bureau gets of it for the purpose of this request."""
    access: HubAccess!
    """The agreement, with its version, that the access rests on; null for open data and what is denied."""
    agreement: String
    """How the value is blurred."""
    mask: String
    """What must hold of the object; else the field is null."""
    condition: String
    """Why it is denied."""
    reason: String
  }
  """Protective markings."""
  enum HubLevel { OPEN RESTRICTED CONFIDENTIAL }
  """Whether a value names a person by itself, together with others, or not."""
  enum HubIdentifier { DIRECT QUASI NONE }
  enum HubAccess { ALLOWED MASKED DENIED }
  extend type Query {
    """All fields of the graph with their owners and classification, sorted. That a field exists is no secret; what it holds is."""
    ${catalogueField}(
      """Fields that this department answers for."""
      owner: String
      level: HubLevel
      """Fields of this type, such as \`Person\`."""
      type: String
    ): [${catalogueType}!]!
  }
`,
  { noLocation: true },
);

/** Adds the query for the catalogue to a schema whose root is `Query` and that has no such names yet; any other is left as it is. */
export function withCatalogue(schema: GraphQLSchema): GraphQLSchema {
  const root = schema.getQueryType();
  const names = [catalogueType, "HubLevel", "HubIdentifier", "HubAccess"];
  if (root?.name !== "Query" || root.getFields()[catalogueField] !== undefined) return schema;
  if (names.some((name) => schema.getType(name) !== undefined)) return schema;
  return extendSchema(schema, sdl, { assumeValidSDL: true });
}

/** Adds the query for the catalogue to a caller's own schema, and has it answered for that caller. */
export function withOwnCatalogue(view: GraphQLSchema, entitlement: Entitlement, catalogue: Catalogue): GraphQLSchema {
  const schema = withCatalogue(view);
  const field: GraphQLField<unknown, unknown> | undefined = schema.getQueryType()?.getFields()[catalogueField];
  if (field === undefined || !isCatalogue(schema, schema.getQueryType(), catalogueField)) return schema;
  field.resolve = (_root, filter: Filter) => list(catalogue, filter).map((each) => row(each, decisionOn(entitlement, each.coordinate)));
  return schema;
}

interface Filter {
  readonly owner?: string | null;
  readonly level?: string | null;
  readonly type?: string | null;
}

function list(catalogue: Catalogue, { owner, level, type }: Filter): readonly CatalogueField[] {
  return [...catalogue.fields.values()]
    .filter((field) => isNothing(owner) || field.owners.includes(owner))
    .filter((field) => isNothing(level) || field.classification.level === level)
    .filter((field) => isNothing(type) || field.coordinate.startsWith(`${type}.`))
    .toSorted((left, right) => (left.coordinate < right.coordinate ? -1 : 1));
}

function isNothing(value: string | null | undefined): value is null | undefined {
  return value === null || value === undefined;
}

function row(field: CatalogueField, decision: Decision): Readonly<Record<string, unknown>> {
  const { coordinate, type, description, owners, classification, requires } = field;
  const stated = { coordinate, type, description, owners, ...classification, computedFrom: requires };
  if (decision.kind === "deny") return { ...stated, access: "DENIED", reason: decision.reason };
  const { by, where } = decision;
  return {
    ...stated,
    access: decision.kind === "mask" ? "MASKED" : "ALLOWED",
    agreement: by === undefined ? null : `${by.agreement}@${by.version}`,
    mask: decision.kind === "mask" ? maskInWords(decision.mask) : null,
    condition: where === undefined ? null : where.map(conditionInWords).join(" and "),
  };
}
