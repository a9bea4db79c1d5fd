import { dirname, join } from "node:path/posix";
import ts from "typescript";
import { lineOf, type Source, walk } from "./source.ts";

/** One import of a source, in whatever form it is written. */
export interface Import {
  /** What is imported; undefined when it is computed at run time. */
  readonly specifier: string | undefined;
  readonly line: number;
}

/**
 * Every import of a source: static, type-only, re-exports, `import x = require()`, dynamic, `import("x").T` in types,
 * `require()`, `import.meta.resolve()`, and sources named by `new URL("./x.ts", import.meta.url)`, as workers are.
 */
export function listImports(source: Source): readonly Import[] {
  return [...walk(source.syntax)].flatMap((node) => {
    const found = importOf(node);
    return found === undefined ? [] : [{ specifier: found.specifier, line: lineOf(source, node) }];
  });
}

function importOf(node: ts.Node): { readonly specifier: string | undefined } | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return node.moduleSpecifier === undefined ? undefined : { specifier: textOf(node.moduleSpecifier) };
  }
  if (ts.isExternalModuleReference(node)) {
    return { specifier: textOf(node.expression) };
  }
  if (ts.isImportTypeNode(node)) {
    return { specifier: ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : undefined };
  }
  if (ts.isCallExpression(node) && isLoader(node.expression)) {
    return { specifier: textOf(node.arguments[0]) };
  }
  if (ts.isVariableDeclaration(node) && node.initializer !== undefined && isCreateRequire(node.initializer)) {
    // Under another name than "require" its calls would go unseen.
    return node.name.getText() === "require" ? undefined : { specifier: undefined };
  }
  return ts.isNewExpression(node) ? importOfUrl(node) : undefined;
}

/** `import`, anything called `require`, `createRequire(...)` itself, and `import.meta.resolve`. */
function isLoader(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) {
    return true;
  }
  if (ts.isIdentifier(callee)) {
    return callee.text === "require";
  }
  if (isCreateRequire(callee)) {
    return true;
  }
  return ts.isPropertyAccessExpression(callee) && callee.name.text === "resolve" && ts.isMetaProperty(callee.expression);
}

function isCreateRequire(node: ts.Expression): boolean {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "createRequire";
}

function importOfUrl(node: ts.NewExpression): { readonly specifier: string } | undefined {
  const specifier = textOf(node.arguments?.[0]);
  const isUrl = ts.isIdentifier(node.expression) && node.expression.text === "URL" && node.arguments?.length === 2;
  return isUrl && specifier !== undefined && /^\.{1,2}\/.*\.(?:ts|js|tsx)$/.test(specifier) ? { specifier } : undefined;
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

/** What a specifier means: one of our files, an npm package, or one of Node's modules. */
export type Target =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "package"; readonly name: string }
  | { readonly kind: "builtin"; readonly name: string };

/** Reads a specifier as Node does for a module at `from`; package subpaths are cut off. */
export function resolveSpecifier(from: string, specifier: string): Target {
  if (specifier.startsWith("node:")) {
    return { kind: "builtin", name: specifier };
  }
  if (specifier.startsWith(".")) {
    return { kind: "file", path: join(dirname(from), specifier) };
  }
  const parts = specifier.split("/");
  return { kind: "package", name: parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/") };
}
