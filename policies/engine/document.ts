import type { Document, Node, YAMLError } from "yaml";
import { isAlias, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from "yaml";
import type { Place, PolicyFile, Problem } from "./bundle.ts";

/** Largest policy file, in UTF-16 code units. */
const FILE_LENGTH_MAX = 65_536;

/** A step into a document: a key or an index. */
export type Path = readonly PropertyKey[];

/** A YAML file as plain values, with the place of each. */
export interface PolicyDocument {
  readonly value: unknown;
  /** The place of a value; where it isn't there, of the nearest one around it. */
  placeOf(path: Path): Place;
  /** The place of a key, or of the map where the key isn't there. */
  placeOfKey(path: Path, key: string): Place;
  has(path: Path): boolean;
}

/**
 * Reads a YAML 1.2 file. Repeated keys, anchors, aliases, tags and a second document are refused: a reviewer should see what counts
 * where it stands.
 */
export function readDocument(file: PolicyFile): PolicyDocument | readonly Problem[] {
  if (file.text.length > FILE_LENGTH_MAX) {
    return [{ file: file.path, line: 1, column: 1, message: `The file is longer than ${FILE_LENGTH_MAX} characters.` }];
  }
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file: file.path, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(file.text, { version: "1.2", strict: true, uniqueKeys: true, prettyErrors: false, lineCounter: lines });
    const problems = [
      ...[...document.errors, ...document.warnings].map((error) => ({ ...placeAt(error.pos[0]), message: describeFault(error) })),
      ...foreignNodes(document).map(({ offset, what }) => ({
        ...placeAt(offset),
        message: `${what} are not used in policy files: write the value out.`,
      })),
    ];
    return problems.length > 0 ? problems : createPolicyDocument(document, placeAt);
  } catch (error) {
    // Lists nested some thousands deep exhaust the parser's stack.
    const message = error instanceof Error ? error.message : String(error);
    return [{ file: file.path, line: 1, column: 1, message: `The YAML can't be read: ${message}.` }];
  }
}

function describeFault({ code, message }: YAMLError): string {
  return code === "MULTIPLE_DOCS" ? "The file holds more than one YAML document." : `The YAML can't be read: ${message}.`;
}

function foreignNodes(document: Document): readonly { offset: number; what: string }[] {
  const found: { offset: number; what: string }[] = [];
  visit(document, {
    Node(_key, node) {
      const offset = node.range?.[0] ?? 0;
      if (isAlias(node)) found.push({ offset, what: "Aliases" });
      else if (node.anchor !== undefined) found.push({ offset, what: "Anchors" });
      else if (node.tag !== undefined) found.push({ offset, what: "Tags" });
    },
  });
  return found;
}

function createPolicyDocument(document: Document, placeAt: (offset: number) => Place): PolicyDocument {
  const startOf = (node: Node | null | undefined): number => node?.range?.[0] ?? 0;
  const find = (path: Path): Node | undefined => {
    const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
    return isNode(node) ? node : undefined;
  };
  const nearest = (path: Path): Node | undefined => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = find(path.slice(0, length));
      if (node !== undefined) return node;
    }
    return undefined;
  };
  return {
    value: document.toJS({ maxAliasCount: 0 }),
    placeOf: (path) => placeAt(startOf(nearest(path))),
    placeOfKey(path, key) {
      const map = nearest(path);
      const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined;
      return placeAt(startOf(isScalar(pair?.key) ? pair.key : map));
    },
    has: (path) => path.length === 0 || find(path) !== undefined,
  };
}
