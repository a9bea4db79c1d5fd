import type {
  ConstDirectiveNode,
  DefinitionNode,
  DirectiveDefinitionNode,
  DocumentNode,
  FieldDefinitionNode,
  InputValueDefinitionNode,
  NamedTypeNode,
  SchemaDefinitionNode,
  TypeDefinitionNode,
} from "graphql";
import { Kind, specifiedDirectives } from "graphql";
import type { Definitions } from "./definitions.ts";
import { namedType } from "./definitions.ts";
import type { Features } from "./features.ts";

/** Where a directive may stand in an operation. */
const EXECUTABLE = new Set([
  "QUERY",
  "MUTATION",
  "SUBSCRIPTION",
  "FIELD",
  "FRAGMENT_DEFINITION",
  "FRAGMENT_SPREAD",
  "INLINE_FRAGMENT",
  "VARIABLE_DEFINITION",
]);

/** The directives of the GraphQL specification that say something about a schema to its readers. */
const KEPT_APPLICATIONS = new Set(["deprecated", "specifiedBy", "oneOf"]);

interface Cut {
  readonly features: Features;
  readonly inaccessible: string;
  /** Directives of the document whose definitions and applications stay. */
  readonly keptDirectives: ReadonlySet<string>;
  /** Types that are out; grows until nothing refers to any of them. */
  readonly gone: Set<string>;
}

/**
 * Makes the document of what callers may see: no federation machinery, nothing `@inaccessible`, and no reference to either.
 * A type of which nothing is left goes too, with all that refers to it. Executable directives stay.
 */
export function publicDocument(definitions: Definitions, features: Features): DocumentNode {
  const inaccessible = features.directiveName("https://specs.apollo.dev/inaccessible", "inaccessible");
  const specified = new Set(specifiedDirectives.map((directive) => directive.name));
  const kept = [...definitions.directives.values()].filter(
    (directive) =>
      !features.isMachineryDirective(directive.name.value) &&
      !specified.has(directive.name.value) &&
      directive.locations.some((location) => EXECUTABLE.has(location.value)),
  );
  const cut: Cut = {
    features,
    inaccessible,
    keptDirectives: new Set([...KEPT_APPLICATIONS, ...kept.map((directive) => directive.name.value)]),
    gone: new Set(),
  };
  const types = cutTypes([...definitions.types.values()], cut);
  const directives = kept.map((directive) => cutDirective(directive, cut));
  const visible = dropUnusedForeign(types, directives, features);
  const schema = definitions.schema === undefined ? [] : [cutSchema(definitions.schema, cut)];
  return { kind: Kind.DOCUMENT, definitions: [...schema, ...directives, ...visible] };
}

function cutTypes(all: readonly TypeDefinitionNode[], cut: Cut): readonly TypeDefinitionNode[] {
  let types = all;
  for (;;) {
    const before = cut.gone.size;
    types = types.flatMap((type) => {
      const left = cutType(type, cut);
      if (left === undefined) cut.gone.add(type.name.value);
      return left ?? [];
    });
    // Each round takes at least one more type away, so there are at most as many rounds as types.
    if (cut.gone.size === before) return types;
  }
}

function cutType(type: TypeDefinitionNode, cut: Cut): TypeDefinitionNode | undefined {
  if (cut.features.isMachinery(type.name.value) || isHidden(type, cut)) return undefined;
  const directives = keptDirectives(type.directives, cut);
  switch (type.kind) {
    case Kind.SCALAR_TYPE_DEFINITION:
      return { ...type, directives };
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION: {
      const fields = (type.fields ?? []).flatMap((field) => cutField(field, cut));
      return fields.length === 0 ? undefined : { ...type, directives, fields, interfaces: stillThere(type.interfaces, cut) };
    }
    case Kind.UNION_TYPE_DEFINITION: {
      const types = stillThere(type.types, cut);
      return types.length === 0 ? undefined : { ...type, directives, types };
    }
    case Kind.ENUM_TYPE_DEFINITION: {
      const values = (type.values ?? [])
        .filter((value) => !isHidden(value, cut))
        .map((value) => ({ ...value, directives: keptDirectives(value.directives, cut) }));
      return values.length === 0 ? undefined : { ...type, directives, values };
    }
    case Kind.INPUT_OBJECT_TYPE_DEFINITION: {
      const fields = cutInputs(type.fields, cut);
      return fields.length === 0 ? undefined : { ...type, directives, fields };
    }
  }
}

function cutField(field: FieldDefinitionNode, cut: Cut): readonly FieldDefinitionNode[] {
  if (isHidden(field, cut) || cut.gone.has(namedType(field.type))) return [];
  return [{ ...field, directives: keptDirectives(field.directives, cut), arguments: cutInputs(field.arguments, cut) }];
}

function cutInputs(inputs: readonly InputValueDefinitionNode[] | undefined, cut: Cut): readonly InputValueDefinitionNode[] {
  return (inputs ?? [])
    .filter((input) => !isHidden(input, cut) && !cut.gone.has(namedType(input.type)))
    .map((input) => ({ ...input, directives: keptDirectives(input.directives, cut) }));
}

function cutDirective(directive: DirectiveDefinitionNode, cut: Cut): DirectiveDefinitionNode {
  return { ...directive, arguments: cutInputs(directive.arguments, cut) };
}

function cutSchema(schema: SchemaDefinitionNode, cut: Cut): SchemaDefinitionNode {
  const operationTypes = schema.operationTypes.filter((operation) => !cut.gone.has(operation.type.name.value));
  return { ...schema, directives: keptDirectives(schema.directives, cut), operationTypes };
}

/** Takes away the types of linked features that nothing visible refers to: they serve directives that are gone. */
function dropUnusedForeign(
  types: readonly TypeDefinitionNode[],
  directives: readonly DirectiveDefinitionNode[],
  features: Features,
): readonly TypeDefinitionNode[] {
  const foreign = new Map(types.filter((type) => features.isForeignFeature(type.name.value)).map((type) => [type.name.value, type]));
  if (foreign.size === 0) return types;
  const used = new Set<string>();
  const queue: DefinitionNode[] = [...directives, ...types.filter((type) => !foreign.has(type.name.value))];
  for (let definition = queue.pop(); definition !== undefined; definition = queue.pop()) {
    for (const name of referencesOf(definition)) {
      const type = foreign.get(name);
      if (type === undefined || used.has(name)) continue;
      used.add(name);
      queue.push(type);
    }
  }
  return types.filter((type) => !foreign.has(type.name.value) || used.has(type.name.value));
}

function referencesOf(definition: DefinitionNode): readonly string[] {
  switch (definition.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION:
      return [
        ...(definition.interfaces ?? []).map((type) => type.name.value),
        ...(definition.fields ?? []).flatMap((field) => [field, ...(field.arguments ?? [])].map((node) => namedType(node.type))),
      ];
    case Kind.UNION_TYPE_DEFINITION:
      return (definition.types ?? []).map((type) => type.name.value);
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return (definition.fields ?? []).map((field) => namedType(field.type));
    case Kind.DIRECTIVE_DEFINITION:
      return (definition.arguments ?? []).map((argument) => namedType(argument.type));
    default:
      return [];
  }
}

function isHidden(node: { readonly directives?: readonly ConstDirectiveNode[] | undefined }, cut: Cut): boolean {
  return node.directives?.some((directive) => directive.name.value === cut.inaccessible) ?? false;
}

function keptDirectives(directives: readonly ConstDirectiveNode[] | undefined, cut: Cut): readonly ConstDirectiveNode[] {
  return directives?.filter((directive) => cut.keptDirectives.has(directive.name.value)) ?? [];
}

function stillThere(types: readonly NamedTypeNode[] | undefined, cut: Cut): readonly NamedTypeNode[] {
  return types?.filter((type) => !cut.gone.has(type.name.value)) ?? [];
}
