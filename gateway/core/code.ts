/** The text of functions under construction, with the values that it refers to. */
export interface Code {
  /** Gives a value a name in the text; equal values get one. */
  refer(value: object): string;
  /**
   * Adds a function, or finds the one that is the same: many places of an operation are alike.
   *
   * @param body May refer to the function itself as `self`.
   * @returns its name.
   */
  define(stem: string, parameters: readonly string[], body: string): string;
  /** Compiles what was defined. @param result The text's value, such as the name of a function. */
  compile<Result>(result: string): Result;
}

/**
 * Starts a text.
 *
 * What runs for each object of an answer is compiled to functions of its own: they read the keys of an operation by name, where code that is
 * shared by all operations has to look each key up (docs/adr/0015-code-for-an-operation.md). A text holds names that are made here and literals
 * that are written by {@link literal}, and nothing else that comes from outside.
 */
export function createCode(): Code {
  const names = new Map<object, string>();
  const functions = new Map<string, string>();
  return {
    refer(value): string {
      const name = names.get(value) ?? `given${names.size}`;
      names.set(value, name);
      return name;
    },
    define(stem, parameters, body): string {
      const text = `function self(${parameters.join(", ")}) {\n${body}}`;
      const name = functions.get(text) ?? `${stem}_${functions.size}`;
      functions.set(text, name);
      return name;
    },
    compile<Result>(result: string): Result {
      const declarations = [...functions].map(([text, name]) => `const ${name} = ${text};\n`);
      const text = `"use strict";\n${declarations.join("")}return ${result};`;
      // The one place where text becomes code; see above for what it may hold.
      // oxlint-disable-next-line typescript/no-implied-eval
      const make = new Function(...names.values(), text) as (...values: readonly object[]) => Result;
      return make(...names.keys());
    },
  };
}

/** A value as it stands in a text. */
export function literal(value: string | number): string {
  return JSON.stringify(value);
}
