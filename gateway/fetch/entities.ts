import { isJsonObject, type Joined, type JsonObject, readOwn } from "../core/joined.ts";
import type { FoundEntities } from "./collect.ts";

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
