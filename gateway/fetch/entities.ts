import { isJsonObject, type Joined, type JsonObject, readOwn } from "../core/joined.ts";
import type { Attachment } from "../core/layout.ts";
import type { Representations } from "./representations.ts";

/** Entities that a fetch is about to ask for, and the objects that wait for them, in the order in which these were met. */
export interface FoundEntities {
  readonly attachment: Attachment;
  readonly representations: Representations;
  readonly anchors: readonly JsonObject[];
  /** For each anchor the index of its representation. */
  readonly indexes: readonly number[];
  /** For each way the place of the first anchor that it led to. */
  readonly wayStarts: readonly number[];
  /** For each anchor the object of the answer for whose sake it waits: itself, or the one that conditions are looked at on. Empty where nobody asks. */
  readonly hosts: readonly (JsonObject | undefined)[];
}

/** An object that waits for its entity. */
export interface Waiting {
  readonly anchor: JsonObject;
  /** Index of the way that led to it. */
  readonly wayIndex: number;
  readonly host: JsonObject | undefined;
}

/** The objects that wait, one by one: what went wrong is about some of them. @param index Of the representation that they wait for; undefined for all. */
export function listWaiting({ anchors, indexes, wayStarts, hosts }: FoundEntities, index?: number): readonly Waiting[] {
  const list: Waiting[] = [];
  for (const [place, anchor] of anchors.entries()) {
    if (index !== undefined && indexes[place] !== index) continue;
    list.push({ anchor, wayIndex: wayStarts.findLastIndex((start) => start <= place), host: hosts[place] });
  }
  return list;
}

/**
 * Gives each waiting object its entity.
 *
 * @returns false when the reply is not a list of as many entities as were asked for.
 */
export function attachReply({ attachment, representations, anchors, indexes }: FoundEntities, data: JsonObject, joined: Joined): boolean {
  const list = readOwn(data, attachment.responseKey);
  if (list === null) return true;
  if (!Array.isArray(list) || list.length !== representations.count()) return false;
  const found = new Array<JsonObject | undefined>(anchors.length);
  for (let place = 0; place < anchors.length; place += 1) {
    const entity: unknown = list[indexes[place] ?? -1];
    if (isJsonObject(entity)) found[place] = entity;
    else if (entity !== null) return false;
  }
  joined.entities[attachment.id] = { anchors, found, next: 0, places: undefined };
  joined.isRepeated[attachment.id] = anchors.length > representations.count();
  return true;
}
