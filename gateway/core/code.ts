/** The text of functions under construction, with the values that it refers to. */
export interface Code {
  /** Gives a value a name in the text; equal values get one. */
  refer(value: object): string;
  /** A name that nothing else in the text has. */
  fresh(stem: string): string;
  /** Adds a declaration. */
  declare(text: string): void;
  /** Compiles what was declared. @param result The text's value, such as the name of a function. */
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
  const declarations: string[] = [];
  let count = 0;
  const fresh = (stem: string): string => {
    count += 1;
    return `${stem}_${count}`;
  };
  return {
    refer(value): string {
      const name = names.get(value) ?? fresh("given");
      names.set(value, name);
      return name;
    },
    fresh,
    declare: (text) => void declarations.push(text),
    compile<Result>(result: string): Result {
      const text = `"use strict";\n${declarations.join("\n")}\nreturn ${result};`;
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
