import { createReader, type JsonObject, type Layers } from "../core/joined.ts";
import type { Place, Slot } from "../core/layout.ts";
import type { Copy } from "./copies.ts";
import { putAgain } from "./sink.ts";
import type { ObjectWriter } from "./value.ts";

/**
 * Compiles the writing of objects that may be one entity, met again and again, with all that lies below it: the first one's bytes are copied. An object is what its layers
 * are, so it is the same where those are; of a layer that is an object of its own each time, such as the keys by which an entity was fetched, it is enough that
 * it holds the same.
 */
export function copyRepeated(place: Place, write: ObjectWriter): ObjectWriter {
  const entities = place.outer.flatMap(({ index, attachmentId }) => (attachmentId === undefined ? [] : { index, attachmentId }));
  if (entities.length === 0) return write;
  const isAlike = compileAlike(place);
  return (projection, layers) => {
    const { sink, copies, joined } = projection;
    if (copies === undefined) return write(projection, layers);
    const slot = entities.find(({ index, attachmentId }) => joined.isRepeated[attachmentId] === true && layers[index] !== undefined);
    const entity = slot === undefined ? undefined : layers[slot.index];
    if (entity === undefined) return write(projection, layers);
    const known = copies.get(write) ?? new Map<JsonObject, Copy>();
    const copy = known.get(entity);
    if (copy !== undefined && copy.takenBack === sink.takenBack && isAlike(copy.layers, layers)) {
      putAgain(sink, copy.start, copy.end);
      return "value";
    }
    const start = sink.length;
    const written = write(projection, layers);
    if (written === "value") {
      known.set(entity, { layers, start, end: sink.length, takenBack: sink.takenBack });
      copies.set(write, known);
    }
    return written;
  };
}

/** Compiles whether two objects of a place are one and the same to whoever writes them. */
function compileAlike({ slots }: Place): (left: Layers, right: Layers) => boolean {
  const tests = slots.map(compileAlikeLayer);
  return (left, right) => {
    for (let index = 0; index < tests.length; index += 1) {
      const [one, other] = [left[index], right[index]];
      if (one === other) continue;
      if (one === undefined || other === undefined || tests[index]?.(one, other) !== true) return false;
    }
    return true;
  };
}

function compileAlikeLayer({ entries }: Slot): (one: JsonObject, other: JsonObject) => boolean {
  // Of objects below it nothing is known but that they are others.
  if (entries.some(({ child }) => child !== undefined)) return () => false;
  const readers = [...new Set(["__typename", ...entries.map(({ sourceKey }) => sourceKey)])].map(createReader);
  return (one, other) => readers.every((read) => read(one) === read(other));
}
