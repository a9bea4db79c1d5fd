import type { ASTNode, ConstDirectiveNode, DefinitionNode, DirectiveNode, DocumentNode } from "graphql";
import { Kind, print, visit } from "graphql";
import { namedType, stringArgument } from "./definitions.ts";
import type { Link } from "./features.ts";
import { HUB_FEATURE, readLinks } from "./features.ts";
import type { DepartmentFile, Problem, ProblemCode } from "./problems.ts";
import { problemAt } from "./problems.ts";

const HUB_VERSION = "v1.0";

/** What `hub.graphql` defines, by the name under which a link imports it (directives with `@`). */
export type HubWords = ReadonlyMap<string, DefinitionNode>;

/** A department's document, ready to compose, or what is wrong with its use of the hub's words. */
export interface Linkage {
  /** The department's definitions and those of the hub; nodes keep their places in the files they come from. */
  readonly document: DocumentNode;
  readonly problems: readonly Problem[];
}

/** Reads the definitions of the hub's own document. */
export function readHubWords(document: DocumentNode): HubWords {
  return new Map(document.definitions.flatMap((definition) => wordOf(definition) ?? []).map((entry) => [entry.word, entry.definition]));
}

/** The directives of `schema` and of every `extend schema` of a document. */
export function schemaDirectives(document: DocumentNode): readonly ConstDirectiveNode[] {
  return document.definitions.flatMap((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION ? (definition.directives ?? []) : [],
  );
}

/**
 * Adds the hub's definitions to a department's document and checks that the department uses them as they are. A directive under another
 * name, or with another meaning, would let a field look classified to its department and unclassified to the hub.
 */
export function linkDepartment(department: DepartmentFile, document: DocumentNode, words: HubWords): Linkage {
  const problems: Problem[] = [];
  const report = (node: ASTNode | undefined, code: ProblemCode, message: string): void => {
    problems.push(problemAt(department, node, { code, message }));
  };
  const links = readLinks(schemaDirectives(document)).filter((link) => link.identity === HUB_FEATURE);
  if (links.length === 0) report(document.definitions[0], "HUB_LINK_MISSING", "The file doesn't link the hub's directives.");
  for (const link of links) checkLink(link, words, report);
  const own = new Set<string>();
  for (const definition of document.definitions) {
    const word = wordOf(definition)?.word;
    if (word !== undefined && /^@?hub__/.test(word)) report(definition, "HUB_NAME_TAKEN", `${word} has a name of the hub's.`);
    const hubs = word === undefined ? undefined : words.get(word);
    if (word === undefined || hubs === undefined) continue;
    own.add(word);
    if (printBare(hubs) !== printBare(definition))
      report(definition, "HUB_REDEFINED", `${word} is defined otherwise than the hub defines it.`);
  }
  for (const directive of schemaDirectives(document)) {
    const word = stringArgument(directive, "name");
    if (word !== undefined && words.has(word)) report(directive, "HUB_COMPOSED", `${word} is composed by the department.`);
  }
  checkUse(document, { words, imported: new Set(links.flatMap((link) => [...link.imports.keys()])), report });
  const added = [...words].filter(([word]) => !own.has(word)).map(([, definition]) => definition);
  return { document: { ...document, definitions: [...document.definitions, ...added] }, problems };
}

type Report = (node: ASTNode | undefined, code: ProblemCode, message: string) => void;

function checkLink(link: Link, words: HubWords, report: Report): void {
  if (link.version !== HUB_VERSION) report(link.node, "HUB_LINK_VERSION", `Version "${link.version}" of the hub's directives is unknown.`);
  if (link.node.arguments?.some((argument) => argument.name.value === "as")) {
    report(link.node, "HUB_RENAMED", "The link gives the hub's names another prefix.");
  }
  for (const [name, local] of link.imports) {
    if (!words.has(name)) report(link.node, "HUB_IMPORT_UNKNOWN", `The hub defines no ${name}.`);
    else if (local !== name) report(link.node, "HUB_RENAMED", `The link imports ${name} as ${local}.`);
  }
}

interface Use {
  readonly words: HubWords;
  readonly imported: ReadonlySet<string>;
  readonly report: Report;
}

function checkUse(document: DocumentNode, use: Use): void {
  const missing = new Set<string>();
  const checkType = (node: ASTNode, type: string): void => {
    if (use.words.has(type)) use.report(node, "HUB_TYPE_USED", `Type ${type} is the hub's own and describes directives, not data.`);
  };
  const checkDirective = (node: DirectiveNode): void => {
    const word = `@${node.name.value}`;
    if (!use.words.has(word) || use.imported.has(word) || missing.has(word)) return;
    missing.add(word);
    use.report(node, "HUB_IMPORT_MISSING", `${word} is used and not imported.`);
  };
  visit(document, {
    enter: (node) => {
      // What a department writes of the hub's definitions themselves is compared word by word instead.
      if (node.kind === Kind.DIRECTIVE_DEFINITION) return false;
      if (node.kind === Kind.DIRECTIVE) checkDirective(node);
      if (node.kind === Kind.FIELD_DEFINITION || node.kind === Kind.INPUT_VALUE_DEFINITION) checkType(node, namedType(node.type));
      return undefined;
    },
  });
}

function wordOf(definition: DefinitionNode): { readonly word: string; readonly definition: DefinitionNode } | undefined {
  if (definition.kind === Kind.DIRECTIVE_DEFINITION) return { word: `@${definition.name.value}`, definition };
  return "name" in definition && definition.kind !== Kind.DIRECTIVE_EXTENSION && definition.name !== undefined
    ? { word: definition.name.value, definition }
    : undefined;
}

function printBare(definition: DefinitionNode): string {
  const withoutDescription = visit(definition, {
    enter: (node) => ("description" in node && node.description !== undefined ? { ...node, description: undefined } : undefined),
  });
  return print(withoutDescription);
}
