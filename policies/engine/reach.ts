import type { Graph, GraphField } from "./graph.ts";

/** What decisions depend on in one graph. A decision on few coordinates then needn't look at all of them. */
export interface Reach {
  /** Coordinates that may be decided otherwise once agreements say something else of these fields. */
  readonly touchedBy: (fields: Iterable<string>) => ReadonlySet<string>;
  /** The part of the graph by which these coordinates are decided as by the whole. Others in it may not be. */
  readonly narrow: (coordinates: Iterable<string>) => Graph;
}

/** Reads the dependencies of a graph once. */
export function readReach(graph: Graph): Reach {
  const derived = new Map<string, string[]>();
  const takers = new Map<string, Set<string>>();
  for (const { coordinate, requires, arguments: args } of graph.fields.values()) {
    for (const input of requires) add(derived, input, () => []).push(coordinate);
    for (const { inputs } of args) for (const input of inputs) add(takers, input, () => new Set()).add(coordinate);
  }
  const sharers = new Map<string, string[]>();
  for (const [coordinate, parts] of graph.shared) for (const part of parts) add(sharers, part, () => []).push(coordinate);
  return {
    touchedBy(fields) {
      const touched = new Set<string>();
      // What is computed from a field is touched with it.
      for (const coordinate of closureOf(fields, (field) => derived.get(field) ?? [])) {
        const own = [coordinate, ...(graph.fields.get(coordinate)?.arguments ?? []).flatMap((one) => [one.coordinate, ...one.inputs])];
        for (const each of own) {
          touched.add(each);
          for (const sharer of sharers.get(each) ?? []) touched.add(sharer);
        }
      }
      return touched;
    },
    narrow(coordinates) {
      const wanted = [...coordinates];
      const shared = new Map(wanted.flatMap((coordinate) => entryOf(graph.shared, coordinate)));
      const asked = [...wanted, ...[...shared.values()].flat()];
      const named = asked.flatMap((coordinate) => [fieldOf(coordinate), ...(takers.get(coordinate) ?? [])]);
      const needed = closureOf(named, (field) => graph.fields.get(field)?.requires ?? []);
      const fields = new Map<string, GraphField>([...needed].flatMap((coordinate) => entryOf(graph.fields, coordinate)));
      return { ...graph, fields, shared, typenames: [] };
    },
  };
}

/** The field that a coordinate is, or is an argument of. */
function fieldOf(coordinate: string): string {
  const end = coordinate.indexOf("(");
  return end === -1 ? coordinate : coordinate.slice(0, end);
}

function entryOf<Value>(map: ReadonlyMap<string, Value>, key: string): readonly (readonly [string, Value])[] {
  const value = map.get(key);
  return value === undefined ? [] : [[key, value]];
}

function closureOf(start: Iterable<string>, nextOf: (one: string) => Iterable<string>): ReadonlySet<string> {
  const found = new Set(start);
  // A set's iterator comes to what is added meanwhile.
  for (const one of found) for (const next of nextOf(one)) found.add(next);
  return found;
}

function add<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
