import {
  anchorOf,
  isJsonObject,
  type Joined,
  type JsonObject,
  type Layers,
  readOwn,
  type Track,
  trackOf,
  walkWay,
} from "../core/joined.ts";
import type { Attachment, FetchStep, Place } from "../core/layout.ts";
import { isReserved } from "../core/reserved.ts";
import { compileRepresentation, type RepresentationWriter } from "./represent.ts";
import type { TypeKnowledge } from "./types.ts";

/** An attachment with its compiled representation writers, one for each way. */
export interface AttachmentWriter {
  readonly attachment: Attachment;
  readonly ways: readonly WayWriter[];
}

interface WayWriter {
  readonly track: Track;
  readonly anchors: readonly number[];
  readonly write: RepresentationWriter;
  /** Steps from the root to the last object on the way that isn't there for conditions alone. */
  readonly hostDepth: number;
}

/** An object that waits for its entity. */
export interface Waiting {
  readonly anchor: JsonObject;
  /** Index of its representation. */
  readonly index: number;
  /** Index of the way that led to it. */
  readonly wayIndex: number;
  /** The object of the answer for whose sake it waits: itself, or the one that conditions are looked at on. Undefined where nobody asks. */
  readonly host: JsonObject | undefined;
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
  const { requires, fixedValues, ways, wayPaths } = attachment;
  return {
    attachment,
    ways: ways.flatMap((way, index) => {
      const place = way.at(-1)?.place;
      if (place === undefined) return [];
      const write = compileRepresentation({ place, requires, fixedValues, earlier: fetch.earlier, types });
      return [{ track: trackOf(way), anchors: anchorsOf(place, attachment.id), write, hostDepth: hostDepthOf(wayPaths[index] ?? []) }];
    }),
  };
}

function hostDepthOf(path: readonly string[]): number {
  const keys = path.filter((key) => key !== "@");
  const reserved = keys.findIndex(isReserved);
  return reserved === -1 ? keys.length : reserved;
}

function anchorsOf(place: Place, attachmentId: number): readonly number[] {
  for (const { origin } of place.slots) {
    if (origin.kind === "entity" && origin.attachmentId === attachmentId) return origin.anchors;
  }
  return [];
}

/** What entities are collected in. */
export interface Collecting {
  readonly joined: Joined;
  readonly types: TypeKnowledge;
  /** Whether it has to be known for whose sake each object waits. */
  readonly isHostKnown: boolean;
}

/** Walks to the objects that wait for entities and writes each distinct representation once. */
export function collectEntities({ attachment, ways }: AttachmentWriter, { joined, types, isHostKnown }: Collecting): FoundEntities {
  const indexes = new Map<string, number>();
  const waiting: Waiting[] = [];
  for (const [wayIndex, { track, anchors, write, hostDepth }] of ways.entries()) {
    let host: JsonObject | undefined;
    const pass = (depth: number, layers: Layers): void => {
      if (depth === hostDepth) host = layers.find((layer) => layer !== undefined);
    };
    walkWay(track, joined, {
      ...(isHostKnown ? { pass } : {}),
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
        waiting.push({ anchor, index, wayIndex, host });
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
  joined.isRepeated[attachment.id] = waiting.length > representations.length;
  return true;
}
