import gateway from "@mercuriusjs/gateway";
import fastify from "fastify";

/* mercurius with its gateway and its JIT: `node mercurius.mjs PORT DEPARTMENTS_PORT`. Its departments speak Federation 1. */

const [port = "0", departmentsPort = "0"] = process.argv.slice(2);
const server = fastify();
await server.register(gateway, {
  jit: 1,
  gateway: {
    services: ["traders", "wares", "stores", "notes"].map((name) => ({
      name,
      url: `http://127.0.0.1:${departmentsPort}/first/${name}`,
    })),
  },
});
await server.listen({ host: "127.0.0.1", port: Number(port) });
