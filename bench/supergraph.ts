import { readFile } from "node:fs/promises";
import { composeSupergraph } from "../schema/compose.ts";
import { departmentNames, sdlOf } from "./graph/sdl.ts";

/** Composes the benchmarks' supergraph for departments at a port of the loopback interface. */
export async function composeMarket(departmentsPort: number): Promise<string> {
  const hubSdl = await readFile(new URL("../schema/hub.graphql", import.meta.url), "utf8");
  const result = composeSupergraph({
    hubSdl,
    departments: departmentNames.map((name) => ({
      name,
      file: `${name}.graphql`,
      sdl: sdlOf(name),
      url: `http://127.0.0.1:${departmentsPort}/${name}`,
    })),
  });
  if (result.ok) return result.sdl;
  throw new Error(`The benchmarks' graph can't be composed:\n${result.problems.map(({ message }) => message).join("\n")}`);
}
