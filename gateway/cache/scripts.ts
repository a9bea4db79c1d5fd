import type { RedisLink } from "./link.ts";

/** Keys of the table of epochs and of the log of its changes. They are on one node of a cluster, whose braces place them. */
export const TABLE_KEYS = ["crossharbour:{epochs}:table", "crossharbour:{epochs}:log"] as const;

/**
 * What both scripts begin with: who answers, and the table, made if there is none. A server's `run_id` changes with every start, and a promoted replica has one
 * of its own, so a table is known by it besides its own incarnation: a server that may have lost the last invalidations has another table.
 */
const opening = `
local function fact(section, name) return string.match(redis.call('INFO', section), name .. ':(%w+)') end
if fact('replication', 'role') ~= 'master' then return redis.error_reply('NOTMASTER') end
local run = fact('server', 'run_id')
local made = redis.call('HGET', KEYS[1], 'i')
if not made then
  redis.call('DEL', KEYS[1], KEYS[2])
  made = ARGV[1]
  redis.call('HSET', KEYS[1], 'i', made, 'v', 0, 'k:OPEN', ARGV[2], 'k:RESTRICTED', ARGV[3], 'k:CONFIDENTIAL', ARGV[4])
end
`;

/** Gives what has changed since a version; the whole table where the log doesn't tell. */
const followScript = `${opening}
local version = tonumber(redis.call('HGET', KEYS[1], 'v'))
if ARGV[5] == run .. made then
  local known = tonumber(ARGV[6])
  if known == version then return {run, made, version, 'same', {}} end
  if version < known then
    made = ARGV[1]
    redis.call('HSET', KEYS[1], 'i', made)
  elseif version - known <= 500 then
    local log = redis.call('XRANGE', KEYS[2], '(' .. known .. '-0', '+')
    if #log == version - known then
      local changes = {}
      for _, entry in ipairs(log) do for _, word in ipairs(entry[2]) do changes[#changes + 1] = word end end
      return {run, made, version, 'log', changes}
    end
  end
end
return {run, made, version, 'all', redis.call('HGETALL', KEYS[1])}
`;

/** Adds one to fields of the table, and logs what they have become. */
const bumpScript = `${opening}
local version = redis.call('HINCRBY', KEYS[1], 'v', 1)
local log = {}
for index = 5, #ARGV do
  log[#log + 1] = ARGV[index]
  log[#log + 1] = redis.call('HINCRBY', KEYS[1], ARGV[index], 1)
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, version .. '-0', unpack(log))
return {run, made, version}
`;

/** Gives a level another salt, so that no key can be made any more that reads what was kept of it. */
const shredScript = `${opening}
redis.call('HSET', KEYS[1], ARGV[5], ARGV[6])
local version = redis.call('HINCRBY', KEYS[1], 'v', 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, version .. '-0', ARGV[5], ARGV[6])
return {run, made, version}
`;

/** Commands on the table. Each is one round trip and done wholly or not at all. */
export interface TableCommands {
  /** @param seeds Four random words: what a table that isn't there is made with. */
  follow(seeds: readonly string[], known: { readonly table: string; readonly version: number }): Promise<Followed>;
  bump(seeds: readonly string[], fields: readonly string[]): Promise<Place>;
  shred(seeds: readonly string[], field: string, salt: string): Promise<Place>;
}

/** Which table a command met, and its version after it. */
export interface Place {
  readonly run: string;
  readonly made: string;
  readonly version: number;
}

/** What has changed: fields and what they are now, in the order of the changes. */
export interface Followed extends Place {
  readonly kind: "same" | "log" | "all";
  readonly changes: readonly (readonly [field: string, value: string])[];
}

/** Puts the commands on a link. */
export function createTableCommands({ client }: RedisLink): TableCommands {
  const run = (name: string, lua: string): ((args: readonly string[]) => Promise<unknown>) => {
    client.defineCommand(name, { numberOfKeys: TABLE_KEYS.length, lua });
    const call: unknown = Reflect.get(client, name);
    return async (args) => {
      if (typeof call !== "function") throw new TypeError(`There is no command ${name}.`);
      const reply: unknown = await Reflect.apply(call, client, [...TABLE_KEYS, ...args]);
      return reply;
    };
  };
  const follow = run("crossharbourFollow", followScript);
  const bump = run("crossharbourBump", bumpScript);
  const shred = run("crossharbourShred", shredScript);
  return {
    follow: async (seeds, known) => readFollowed(await follow([...seeds, known.table, String(known.version)])),
    bump: async (seeds, fields) => readPlace(await bump([...seeds, ...fields])),
    shred: async (seeds, field, salt) => readPlace(await shred([...seeds, field, salt])),
  };
}

function readPlace(reply: unknown): Place {
  if (!Array.isArray(reply)) throw new TypeError("The reply is no list.");
  const [run, made, version] = reply as readonly unknown[];
  if (typeof run !== "string" || typeof made !== "string" || typeof version !== "number") throw new TypeError("The reply names no table.");
  return { run, made, version };
}

function readFollowed(reply: unknown): Followed {
  const place = readPlace(reply);
  const [, , , kind, flat] = reply as readonly unknown[];
  if (kind !== "same" && kind !== "log" && kind !== "all") throw new TypeError("The reply is of no known kind.");
  if (!Array.isArray(flat)) throw new TypeError("The reply has no changes.");
  const words = (flat as readonly unknown[]).map(String);
  const changes: [string, string][] = [];
  for (let index = 0; index + 1 < words.length; index += 2) changes.push([words[index] ?? "", words[index + 1] ?? ""]);
  return { ...place, kind, changes };
}
