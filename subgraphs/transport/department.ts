import type { OpenDepartment } from "../kit/department.ts";
import { openTables } from "../kit/open.ts";
import { createRestSource } from "../kit/rest.ts";
import { readCarParks } from "./carparks.ts";
import { feedName } from "./feed.ts";
import { createTransportLoaders, createTransportResolvers } from "./resolvers.ts";
import { transportTables } from "./tables.ts";

const timeoutMs = 2_000;
const bodyBytesMax = 2 * 1024 * 1024;

/** Opens the Transport Department's part: its tables, its file of car parks, and the feed at CARPARK_URL, which is not connected before it is asked for. */
export const openTransport: OpenDepartment = async (options) => {
  const carParks = await readCarParks();
  const tables = await openTables(options, transportTables);
  const feed = createRestSource({ name: feedName, baseUrl: options.settings.CARPARK_URL, timeoutMs, bodyBytesMax });
  return {
    name: "transport",
    resolvers: createTransportResolvers(carParks, options.nowMs),
    createContext: () => ({ transport: createTransportLoaders({ tables, feed }) }),
    close: async () => {
      await Promise.all([tables.close(), feed.close()]);
    },
  };
};
