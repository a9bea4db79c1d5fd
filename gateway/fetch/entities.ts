import { anchorOf, isJsonObject, type Joined, type JsonObject, readOwn, walkWay } from "../core/joined.ts";
import type { Attachment, FetchStep, Place, Way } from "../core/layout.ts";
import { compileRepresentation, type RepresentationWriter } from "./represent.ts";
import type { TypeKnowledge } from "./types.ts";

/** An attachment with its compiled representation writers, one for each way. */
export interface AttachmentWriter {
  readonly attachment: Attachment;
  readonly ways: readonly WayWriter[];
}

interface WayWriter {
  readonly way: Way;
  readonly anchors: readonly number[];
  readonly write: RepresentationWriter;
}

/** An object that waits for its entity. */
export interface Waiting {
  readonly anchor: JsonObject;
  /** Index of its representation. */
  readonly index: number;
  /** Index of the way that led to it. */
  readonly wayIndex: number;
}

/** Entities that a fetch is about to ask for. */
export interface FoundEntities {
  readonly attachment: Attachment;
  /** Distinct representations as JSON text. */
  readonly representations: readonly string[];
  /** The objects that wait for an entity, with the index of its representation. */
  readonly waiting: readonly Waiting[];
}

/** Compiles one attachment of a fetch. */
export function compileAttachment(attachment: Attachment, fetch: FetchStep, types: TypeKnowledge): AttachmentWriter {
  const { requires, fixedValues, ways } = attachment;
  return {
    attachment,
    ways: ways.flatMap((way) => {
      const place = way.at(-1)?.place;
      if (place === undefined) return [];
      const write = compileRepresentation({ place, requires, fixedValues, earlier: fetch.earlier, types });
      return [{ way, anchors: anchorsOf(place, attachment.id), write }];
    }),
  };
}

function anchorsOf(place: Place, attachmentId: number): readonly number[] {
  for (const { origin } of place.slots) {
    if (origin.kind === "entity" && origin.attachmentId === attachmentId) return origin.anchors;
  }
  return [];
}

/** Walks to the objects that wait for entities and writes each distinct representation once. */
export function collectEntities({ attachment, ways }: AttachmentWriter, joined: Joined, types: TypeKnowledge): FoundEntities {
  const indexes = new Map<string, number>();
  const waiting: Waiting[] = [];
  for (const [wayIndex, { way, anchors, write }] of ways.entries()) {
    walkWay(way, joined, {
      isOneOf: (place, layers, typeNames) => {
        const name = types.typeNameOf(place, layers);
        return name === undefined || typeNames.some((typeName) => types.isRelated(name, typeName));
      },
      visit: (layers) => {
        const anchor = anchorOf(anchors, layers);
        const text = anchor === undefined ? undefined : write(layers, joined);
        if (anchor === undefined || text === undefined) return;
        let index = indexes.get(text);
        if (index === undefined) {
          index = indexes.size;
          indexes.set(text, index);
        }
        waiting.push({ anchor, index, wayIndex });
      },
    });
  }
  return { attachment, representations: [...indexes.keys()], waiting };
}

/**
 * Gives each waiting object its entity.
 *
 * @returns false when the reply is not a list of as many entities as were asked for.
 */
export function attachReply({ attachment, representations, waiting }: FoundEntities, data: JsonObject, joined: Joined): boolean {
  const list = readOwn(data, attachment.responseKey);
  if (list === null) return true;
  if (!Array.isArray(list) || list.length !== representations.length) return false;
  const entities = new Map<JsonObject, JsonObject>();
  for (const { anchor, index } of waiting) {
    const entity: unknown = list[index];
    if (isJsonObject(entity)) entities.set(anchor, entity);
    else if (entity !== null) return false;
  }
  joined.entities[attachment.id] = entities;
  return true;
}
