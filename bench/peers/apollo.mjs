import { readFileSync } from "node:fs";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginCacheControl } from "@apollo/server/plugin/cacheControl";
import { startStandaloneServer } from "@apollo/server/standalone";
import responseCache from "@apollo/server-plugin-response-cache";

/*
 * Apollo's gateway as its documentation starts it: `node apollo.mjs PORT SUPERGRAPH_FILE`. CACHE=on keeps whole answers in memory, which its documentation
 * does by a plugin; everything may be kept for an hour then.
 */

const [port = "0", file = ""] = process.argv.slice(2);
const gateway = new ApolloGateway({ supergraphSdl: readFileSync(file, "utf8") });
const plugins =
  process.env.CACHE === "on" ? [ApolloServerPluginCacheControl({ defaultMaxAge: 3600 }), (responseCache.default ?? responseCache)()] : [];
const server = new ApolloServer({ gateway, plugins });
await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: Number(port) } });
