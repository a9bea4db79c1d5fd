import ts from "typescript";
import { freeRooms } from "../floorplan.ts";
import { isProgram } from "./rooms.ts";
import { lineOf, type Source, type Violation, walk } from "./source.ts";

/** One thing that source code may not do, and how to see it in a node. */
interface Habit {
  readonly rule: string;
  readonly message: string;
  /** Who is free to do it: a program's main, every file of a free room too, or nobody. */
  readonly freeFor: "programs" | "programs-and-free-rooms" | "nobody";
  readonly isBroken: (node: ts.Node) => boolean;
}

const clockNames: ReadonlySet<string> = new Set(["Date.now", "performance.now", "process.hrtime", "process.uptime"]);
const randomNames: ReadonlySet<string> = new Set([
  "Math.random",
  "crypto.randomUUID",
  "crypto.getRandomValues",
  "crypto.randomBytes",
  "crypto.randomInt",
]);
const randomImports: ReadonlySet<string> = new Set([
  "randomUUID",
  "getRandomValues",
  "randomBytes",
  "randomInt",
  "randomFillSync",
  "webcrypto",
]);
const containers: ReadonlySet<string> = new Set(["Map", "Set", "WeakMap", "WeakSet"]);

const habits: readonly Habit[] = [
  {
    rule: "environment",
    message: "Only a program's main reads the environment; take what you need as an argument.",
    freeFor: "programs-and-free-rooms",
    isBroken: (node) => isMember(node, new Set(["process.env"])) || isNamedImport(node, "process", new Set(["env"])),
  },
  {
    rule: "clock",
    message: "Only a program's main reads the clock; take a function.",
    freeFor: "programs-and-free-rooms",
    isBroken: (node) => isMember(node, clockNames) || isNewDateNow(node) || isNamedImport(node, "perf_hooks", new Set(["performance"])),
  },
  {
    rule: "randomness",
    message: "Only a program's main makes random values; take a function.",
    freeFor: "programs-and-free-rooms",
    isBroken: (node) => isMember(node, randomNames) || isNamedImport(node, "crypto", randomImports),
  },
  {
    rule: "default-export",
    message: "Export by name.",
    freeFor: "nobody",
    isBroken: (node) =>
      ts.isExportAssignment(node) ||
      (ts.canHaveModifiers(node) && hasModifier(node, ts.SyntaxKind.DefaultKeyword)) ||
      isDefaultSpecifier(node),
  },
  {
    rule: "module-state",
    message: "Keep state in a closure made by a `create...` function, not in the module.",
    freeFor: "nobody",
    isBroken: (node) => isModuleVariable(node) || isModuleContainer(node),
  },
  {
    rule: "work-at-import",
    message: "A module does nothing while it is loaded; export a function.",
    freeFor: "programs",
    isBroken: (node) => isTopLevel(node) && (ts.isExpressionStatement(node) ? !ts.isStringLiteral(node.expression) : isControlFlow(node)),
  },
];

/** Places where sources break a habit of the house, with file and line. Declarations of other people's modules have no habits. */
export function checkHabits(sources: readonly Source[]): readonly Violation[] {
  return sources.flatMap((source) => {
    const held = source.syntax.isDeclarationFile ? [] : habits.filter(({ freeFor }) => !isFree(source.path, freeFor));
    return [...walk(source.syntax)].flatMap((node) =>
      held
        .filter(({ isBroken }) => isBroken(node))
        .map(({ rule, message }) => ({ file: source.path, line: lineOf(source, node), rule, message })),
    );
  });
}

function isFree(path: string, freeFor: Habit["freeFor"]): boolean {
  switch (freeFor) {
    case "nobody":
      return false;
    case "programs":
      return isProgram(path);
    case "programs-and-free-rooms":
      return isProgram(path) || freeRooms.some((room) => path.startsWith(room));
  }
}

/** `a.b` or `a["b"]`, also behind `globalThis.`, where "a.b" is one of the names. */
function isMember(node: ts.Node, names: ReadonlySet<string>): boolean {
  if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) {
    return false;
  }
  const owner = nameOf(node.expression);
  const member = ts.isPropertyAccessExpression(node) ? node.name.text : literalOf(node.argumentExpression);
  return owner !== undefined && member !== undefined && names.has(`${owner}.${member}`);
}

function nameOf(node: ts.Expression): string | undefined {
  if (ts.isIdentifier(node)) {
    return node.text;
  }
  return ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "globalThis"
    ? node.name.text
    : undefined;
}

function literalOf(node: ts.Expression): string | undefined {
  return ts.isStringLiteralLike(node) ? node.text : undefined;
}

/** `new Date()` and `Date()`: with arguments the former reads no clock. */
function isNewDateNow(node: ts.Node): boolean {
  const isNew = ts.isNewExpression(node) && (node.arguments?.length ?? 0) === 0;
  return (isNew || ts.isCallExpression(node)) && ts.isIdentifier(node.expression) && node.expression.text === "Date";
}

/** An import of one of the names from a module of Node, under whatever local name. */
function isNamedImport(node: ts.Node, module: string, names: ReadonlySet<string>): boolean {
  if (!ts.isImportSpecifier(node) || node.isTypeOnly || node.parent.parent.phaseModifier === ts.SyntaxKind.TypeKeyword) {
    return false;
  }
  const specifier = node.parent.parent.parent.moduleSpecifier;
  return (
    ts.isStringLiteral(specifier) && specifier.text.replace("node:", "") === module && names.has((node.propertyName ?? node.name).text)
  );
}

function isDefaultSpecifier(node: ts.Node): boolean {
  return ts.isExportSpecifier(node) && node.name.text === "default";
}

function hasModifier(node: ts.HasModifiers, kind: ts.SyntaxKind): boolean {
  return ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false;
}

function isTopLevel(node: ts.Node): boolean {
  return node.parent !== undefined && ts.isSourceFile(node.parent);
}

function isControlFlow(node: ts.Node): boolean {
  return (
    ts.isIfStatement(node) ||
    ts.isIterationStatement(node, false) ||
    ts.isTryStatement(node) ||
    ts.isSwitchStatement(node) ||
    ts.isThrowStatement(node)
  );
}

/** A `let` or `var` of the module itself; a `declare` has no value. */
function isModuleVariable(node: ts.Node): boolean {
  if (!ts.isVariableStatement(node) || !isTopLevel(node) || hasModifier(node, ts.SyntaxKind.DeclareKeyword)) {
    return false;
  }
  return (node.declarationList.flags & (ts.NodeFlags.Const | ts.NodeFlags.Using | ts.NodeFlags.AwaitUsing)) === 0;
}

/** A container that starts empty in the module itself can only be there to be filled later. */
function isModuleContainer(node: ts.Node): boolean {
  if (!ts.isVariableDeclaration(node) || node.initializer === undefined || !isTopLevel(node.parent.parent)) {
    return false;
  }
  const value = node.initializer;
  if (ts.isArrayLiteralExpression(value)) {
    return value.elements.length === 0 && node.type?.kind !== ts.SyntaxKind.TypeOperator;
  }
  return (
    ts.isNewExpression(value) &&
    ts.isIdentifier(value.expression) &&
    containers.has(value.expression.text) &&
    (value.arguments?.length ?? 0) === 0
  );
}
