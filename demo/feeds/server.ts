import { readFile } from "node:fs/promises";
import type { FastifyInstance, FastifyReply } from "fastify";
import { sendProblem } from "../rest/problem.ts";
import { createService } from "../rest/serve.ts";
import type { FeedData } from "./data.ts";
import { emergencyWaiting } from "./emergency.ts";
import { vacancyOf } from "./vacancy.ts";
import { type WeatherDataType, weatherPayloads } from "./weather.ts";

/** What the feeds are made from. */
export interface FeedOptions {
  readonly data: FeedData;
  /** The clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
}

const idsMax = 1000;
const idsCharsMax = 16_000;

/**
 * Three REST feeds of open data on one server: the Observatory's weather reports, car-park vacancy, and waiting times of accident and emergency
 * departments. weather.yaml, carparks.yaml and emergency.yaml beside this file describe them. Every answer says in a header that it is demonstration data.
 */
export function createFeeds({ data, nowMs }: FeedOptions): FastifyInstance {
  const app = createService();
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("demonstration-data", "true");
  });
  app.get<{ Querystring: { dataType: WeatherDataType } }>(
    "/weatherAPI/opendata/weather.php",
    { schema: { querystring: weatherQuery } },
    (request) => weatherPayloads[request.query.dataType](data, nowMs()),
  );
  const known = new Set(data.carParkIds);
  app.get<{ Querystring: { ids?: string } }>("/v1/carpark-vacancy", { schema: { querystring: vacancyQuery } }, (request, reply) => {
    const ids = request.query.ids === undefined ? data.carParkIds : [...new Set(request.query.ids.split(","))];
    if (ids.length > idsMax)
      return sendProblem(reply, { title: "Bad Request", status: 400, detail: `At most ${idsMax} identifiers at a time.` });
    const at = nowMs();
    return { results: ids.filter((id) => known.has(id)).flatMap((id) => vacancyOf(id, at) ?? []) };
  });
  app.get("/opendata/aed/aedwtdata2-en.json", () => emergencyWaiting(data.emergencyHospitals, nowMs()));
  for (const name of ["weather", "carparks", "emergency"])
    app.get(`/openapi/${name}.yaml`, (_request, reply) => sendDescription(reply, name));
  return app;
}

const weatherQuery = {
  type: "object",
  required: ["dataType"],
  properties: { dataType: { enum: Object.keys(weatherPayloads) }, lang: { enum: ["en"] } },
};

const vacancyQuery = { type: "object", properties: { ids: { type: "string", minLength: 1, maxLength: idsCharsMax } } };

async function sendDescription(reply: FastifyReply, name: string): Promise<FastifyReply> {
  return reply.type("application/yaml").send(await readFile(new URL(`${name}.yaml`, import.meta.url), "utf8"));
}
