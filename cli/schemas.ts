import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DefinitionNode, NameNode } from "graphql";
import { Kind, parse } from "graphql";

/**
 * Finds where a department states a field, an argument, an input field or an enum's value.
 *
 * @param departments Those to look at, in order.
 * @returns `FILE:LINE`; undefined where no published schema of theirs has it.
 */
export async function findInSchemas(folder: string, departments: readonly string[], coordinate: string): Promise<string | undefined> {
  const places = await Promise.all(
    departments.map(async (department) => {
      const file = join(folder, "departments", `${department}.graphql`);
      const sdl = await readFile(file, "utf8").catch(() => undefined);
      const line = sdl === undefined ? undefined : lineIn(sdl, coordinate);
      return line === undefined ? undefined : `${file}:${line}`;
    }),
  );
  return places.find((place) => place !== undefined);
}

function lineIn(sdl: string, coordinate: string): number | undefined {
  const [, typeName, memberName, argumentName] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
  for (const definition of parse(sdl).definitions) {
    if (!("name" in definition) || definition.name?.value !== typeName) continue;
    const member = membersOf(definition).find(({ name }) => name.value === memberName);
    const found = argumentName === undefined ? member : member?.arguments?.find(({ name }) => name.value === argumentName);
    if (found !== undefined) return found.name.loc?.startToken.line;
  }
  return undefined;
}

interface Member {
  readonly name: NameNode;
  readonly arguments?: readonly { readonly name: NameNode }[] | undefined;
}

function membersOf(definition: DefinitionNode): readonly Member[] {
  switch (definition.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.OBJECT_TYPE_EXTENSION:
    case Kind.INTERFACE_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_EXTENSION:
      return definition.fields ?? [];
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
    case Kind.INPUT_OBJECT_TYPE_EXTENSION:
      return (definition.fields ?? []).map(({ name }) => ({ name }));
    case Kind.ENUM_TYPE_DEFINITION:
    case Kind.ENUM_TYPE_EXTENSION:
      return definition.values ?? [];
    default:
      return [];
  }
}
