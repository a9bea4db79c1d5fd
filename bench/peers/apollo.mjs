import { readFileSync } from "node:fs";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

/* Apollo's gateway as its documentation starts it: `node apollo.mjs PORT SUPERGRAPH_FILE`. */

const [port = "0", file = ""] = process.argv.slice(2);
const gateway = new ApolloGateway({ supergraphSdl: readFileSync(file, "utf8") });
const server = new ApolloServer({ gateway });
await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: Number(port) } });
