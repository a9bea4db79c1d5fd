import { expect, it } from "vitest";
import { parseSupergraph } from "../../gateway/start.ts";
import { composeTestGraph, testGraphs } from "../schema/graphs.ts";

it("a supergraph with @context is refused with an error that says so", () => {
  const { sdl } = composeTestGraph(testGraphs["context"] ?? []);
  expect(() => parseSupergraph("supergraph.graphql", sdl)).toThrow("`@context`, which the hub does not support");
});
