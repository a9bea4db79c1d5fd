import type { ConstArgumentNode, ConstDirectiveNode, ConstValueNode, DefinitionNode, DocumentNode, FieldDefinitionNode } from "graphql";
import { Kind, parse, print } from "graphql";
import { HUB_FEATURE } from "./features.ts";
import type { Statement } from "./statement.ts";
import { STATEMENT_SDL } from "./statement.ts";

/**
 * Writes a supergraph that carries the departments' statements on its fields, as directives that it defines and links, so that one file is
 * all that a hub loads and any GraphQL tool can read it. Directives come first, then types; both by name.
 */
export function embedStatements(supergraph: DocumentNode, byCoordinate: ReadonlyMap<string, Statement>): string {
  const definitions = [...supergraph.definitions, ...parse(STATEMENT_SDL, { noLocation: true }).definitions].map((definition) =>
    embedDefinition(definition, byCoordinate),
  );
  definitions.sort((left, right) => (orderOf(left) < orderOf(right) ? -1 : 1));
  return `${print({ kind: Kind.DOCUMENT, definitions })}\n`;
}

function embedDefinition(definition: DefinitionNode, byCoordinate: ReadonlyMap<string, Statement>): DefinitionNode {
  switch (definition.kind) {
    case Kind.SCHEMA_DEFINITION: {
      const link = directiveNode("link", [argumentNode("url", { kind: Kind.STRING, value: `${HUB_FEATURE}/v1.0` })]);
      return { ...definition, directives: [...(definition.directives ?? []), link] };
    }
    case Kind.OBJECT_TYPE_DEFINITION: {
      const fields = definition.fields?.map((field) => {
        const statement = byCoordinate.get(`${definition.name.value}.${field.name.value}`);
        return statement === undefined ? field : embedField(field, statement);
      });
      return { ...definition, ...(fields === undefined ? {} : { fields }) };
    }
    default:
      return definition;
  }
}

function embedField(field: FieldDefinitionNode, statement: Statement): FieldDefinitionNode {
  const added: ConstDirectiveNode[] = [];
  if (statement.classification !== undefined) {
    const owners = statement.owners.map((owner): ConstValueNode => ({ kind: Kind.STRING, value: owner }));
    added.push(
      directiveNode("hub__classified", [
        argumentNode("level", { kind: Kind.STRING, value: statement.classification.level }),
        argumentNode("personal", { kind: Kind.BOOLEAN, value: statement.classification.personal }),
        argumentNode("identifier", { kind: Kind.STRING, value: statement.classification.identifier }),
        argumentNode("owners", { kind: Kind.LIST, values: owners }),
      ]),
    );
  }
  added.push(...cacheDirectives(statement));
  return { ...field, directives: [...(field.directives ?? []), ...added] };
}

function cacheDirectives({ maxAgeSeconds, staleSeconds, cacheScope, cacheTags }: Statement): readonly ConstDirectiveNode[] {
  const args: ConstArgumentNode[] = [];
  if (maxAgeSeconds !== undefined) args.push(argumentNode("maxAge", { kind: Kind.INT, value: String(maxAgeSeconds) }));
  if (staleSeconds !== undefined) args.push(argumentNode("staleFor", { kind: Kind.INT, value: String(staleSeconds) }));
  if (cacheScope !== undefined) args.push(argumentNode("scope", { kind: Kind.STRING, value: cacheScope }));
  const tags = cacheTags.map((format) => directiveNode("hub__cacheTag", [argumentNode("format", { kind: Kind.STRING, value: format })]));
  return args.length === 0 ? tags : [directiveNode("hub__cacheControl", args), ...tags];
}

function directiveNode(name: string, args: readonly ConstArgumentNode[]): ConstDirectiveNode {
  return { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: name }, arguments: args };
}

function argumentNode(name: string, value: ConstValueNode): ConstArgumentNode {
  return { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: name }, value };
}

function orderOf(definition: DefinitionNode): string {
  if (definition.kind === Kind.SCHEMA_DEFINITION) return "0";
  const name = "name" in definition ? (definition.name?.value ?? "") : "";
  return `${definition.kind === Kind.DIRECTIVE_DEFINITION ? 1 : 2} ${name}`;
}
