import { readFileSync } from "node:fs";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginCacheControl } from "@apollo/server/plugin/cacheControl";
import { startStandaloneServer } from "@apollo/server/standalone";
import responseCache from "@apollo/server-plugin-response-cache";
import { KeyvAdapter } from "@apollo/utils.keyvadapter";
import KeyvRedis from "@keyv/redis";
import Keyv from "keyv";

/*
 * Apollo's gateway as its documentation starts it: `node apollo.mjs PORT SUPERGRAPH_FILE`. CACHE=memory keeps whole answers, which its documentation
 * does by a plugin, and CACHE=redis keeps them in the Redis of REDIS_URL; everything may be kept for an hour then.
 */

const [port = "0", file = ""] = process.argv.slice(2);
const { CACHE, REDIS_URL } = process.env;
const gateway = new ApolloGateway({ supergraphSdl: readFileSync(file, "utf8") });
const plugins =
  CACHE === undefined ? [] : [ApolloServerPluginCacheControl({ defaultMaxAge: 3600 }), (responseCache.default ?? responseCache)()];
const cache = CACHE === "redis" ? { cache: new KeyvAdapter(new Keyv(new KeyvRedis(REDIS_URL))) } : {};
const server = new ApolloServer({ gateway, plugins, ...cache });
await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: Number(port) } });
