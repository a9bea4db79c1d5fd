import type { Department, OpenDepartment } from "../kit/department.ts";
import { createRestSource, type RestSource } from "../kit/rest.ts";
import { createRegistryClient, sourceName } from "./registry.ts";
import { createLandsLoaders, landsResolvers } from "./resolvers.ts";

const timeoutMs = 3000;
/** Room for the properties of 1,000 owners. */
const bodyBytesMax = 4 * 1024 * 1024;

/** Opens the Land Registry's part over the REST service at LANDS_URL. Nothing is connected before the first request. */
export const openLands: OpenDepartment = ({ settings }) =>
  Promise.resolve(createLands(createRestSource({ name: sourceName, baseUrl: settings.LANDS_URL, timeoutMs, bodyBytesMax })));

/** The department over a source, which it closes. */
export function createLands(source: RestSource): Department {
  const registry = createRegistryClient(source);
  return {
    name: "lands",
    resolvers: landsResolvers,
    createContext: () => ({ lands: createLandsLoaders(registry) }),
    close: () => source.close(),
  };
}
