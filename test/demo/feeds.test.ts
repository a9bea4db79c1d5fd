import type { FastifyInstance } from "fastify";
import { beforeAll, describe, expect, test } from "vitest";
import { readFeedData } from "../../demo/feeds/data.ts";
import { createFeeds } from "../../demo/feeds/server.ts";
import { faultsOf, readDescription } from "./openapi.ts";
import { holdPort, programTestMs, runProgram, startProgram } from "./program.ts";

const program = "demo/feeds/main.ts";
const weatherPath = "/weatherAPI/opendata/weather.php";
const emergencyPath = "/opendata/aed/aedwtdata2-en.json";
const weatherFile = new URL("../../demo/feeds/weather.yaml", import.meta.url);
const carParksFile = new URL("../../demo/feeds/carparks.yaml", import.meta.url);
const emergencyFile = new URL("../../demo/feeds/emergency.yaml", import.meta.url);
const now = Date.parse("2026-11-24T10:31:20+08:00");

let feeds: FastifyInstance;
let clockMs = now;

beforeAll(async () => {
  feeds = createFeeds({ data: await readFeedData(), nowMs: () => clockMs });
});

async function get(url: string, atMs = now) {
  clockMs = atMs;
  const reply = await feeds.inject({ url });
  return { status: reply.statusCode, contentType: String(reply.headers["content-type"]), headers: reply.headers, body: reply.json() };
}

describe("weather reports", () => {
  test.each(["rhrread", "fnd", "warnsum"])("%s has the shape that weather.yaml describes", async (dataType) => {
    const reply = await get(`${weatherPath}?dataType=${dataType}&lang=en`);
    expect(reply.status).toBe(200);
    expect(faultsOf(await readDescription(weatherFile), { ...reply, path: weatherPath, method: "get" })).toEqual([]);
  });

  test.each(["", "?dataType=unknown", "?dataType=rhrread&lang=xx", "?lang=en"])(
    "the query %j is refused with a described problem",
    async (query) => {
      const reply = await get(`${weatherPath}${query}`);
      expect(reply.status).toBe(400);
      expect(faultsOf(await readDescription(weatherFile), { ...reply, path: weatherPath, method: "get" })).toEqual([]);
    },
  );

  test("readings carry the times of the last full hour once it is published, in Hong Kong time", async () => {
    const { body } = await get(`${weatherPath}?dataType=rhrread`);
    expect(body.updateTime).toBe("2026-11-24T10:02:00+08:00");
    expect(body.temperature.recordTime).toBe("2026-11-24T10:00:00+08:00");
    expect(body.rainfall).toMatchObject({ startTime: "2026-11-24T08:45:00+08:00", endTime: "2026-11-24T09:45:00+08:00" });
    const early = await get(`${weatherPath}?dataType=rhrread`, Date.parse("2026-11-24T10:01:59+08:00"));
    expect(early.body.updateTime).toBe("2026-11-24T09:02:00+08:00");
  });

  test("the forecast starts tomorrow in Hong Kong and names each weekday", async () => {
    const { body } = await get(`${weatherPath}?dataType=fnd`, Date.parse("2026-12-31T23:59:00+08:00"));
    expect(body.weatherForecast[0]).toMatchObject({ forecastDate: "20270101", week: "Friday" });
    expect(body.weatherForecast[8]).toMatchObject({ forecastDate: "20270109", week: "Saturday" });
  });

  test("rainfall names 18 districts, one of them under maintenance and without a reading", async () => {
    const { body } = await get(`${weatherPath}?dataType=rhrread`);
    expect(body.rainfall.data).toHaveLength(18);
    expect(body.rainfall.data.filter((entry: { main: string }) => entry.main === "TRUE")).toEqual([
      { unit: "mm", place: "Tsuen Wan", main: "TRUE" },
    ]);
  });

  test("every answer says that it is demonstration data", async () => {
    for (const url of [`${weatherPath}?dataType=warnsum`, "/v1/carpark-vacancy?ids=tdc166p1", emergencyPath, "/nothing"]) {
      expect((await get(url)).headers["demonstration-data"]).toBe("true");
    }
    expect((await get(`${weatherPath}?dataType=rhrread`)).body.warningMessage[0]).toContain("Demonstration data");
    expect((await get(`${weatherPath}?dataType=fnd`)).body.generalSituation).toContain("Demonstration data");
  });
});

describe("car-park vacancy", () => {
  const path = "/v1/carpark-vacancy";

  test("all car parks together have the shape that carparks.yaml describes", async () => {
    const reply = await get(path);
    expect(faultsOf(await readDescription(carParksFile), { ...reply, path, method: "get" })).toEqual([]);
    expect(reply.body.results.length).toBeGreaterThan(450);
    expect(reply.body.results.length).toBeLessThan(531);
  });

  test("too many identifiers and an empty list are refused with a described problem", async () => {
    const many = Array.from({ length: 1001 }, (_, index) => `x${index}`).join(",");
    for (const query of [`?ids=${many}`, "?ids="]) {
      const reply = await get(`${path}${query}`);
      expect(reply.status).toBe(400);
      expect(faultsOf(await readDescription(carParksFile), { ...reply, path, method: "get" })).toEqual([]);
    }
  });

  test("the answer holds the known car parks asked for, once each and in that order", async () => {
    const { body } = await get(`${path}?ids=tdc6p8,unknown,tdc6p11,tdc6p8,__proto__`);
    expect(body.results.map((each: { park_Id: string }) => each.park_Id)).toEqual(["tdc6p8", "tdc6p11"]);
  });

  test("numbers are the same within a minute and move with the minutes", async () => {
    const first = await get(path, now);
    expect((await get(path, now + 39_000)).body).toEqual(first.body);
    const later = await get(path, now + 41_000);
    expect(later.body).not.toEqual(first.body);
    expect(later.body.results[0].privateCar[0].lastupdate).toBe("2026-11-24 10:32:00");
  });

  test("some operators send no number, which the feed writes as -1", async () => {
    const { body } = await get(path);
    const numbers: number[] = body.results.map((each: { privateCar: [{ vacancy: number }] }) => each.privateCar[0].vacancy);
    expect(numbers.filter((value) => value === -1).length).toBeGreaterThan(0);
    expect(numbers.filter((value) => value >= 0).length).toBeGreaterThan(400);
  });
});

describe("waiting times of accident and emergency departments", () => {
  const dayMs = 86_400_000;

  test("have the shape that emergency.yaml describes, at every hour of a day", async () => {
    for (let atMs = now; atMs < now + dayMs; atMs += 3_600_000) {
      const reply = await get(emergencyPath, atMs);
      expect(faultsOf(await readDescription(emergencyFile), { ...reply, path: emergencyPath, method: "get" })).toEqual([]);
    }
  });

  test("are the same within a quarter of an hour, whose beginning they name, and move with the quarters", async () => {
    const first = await get(emergencyPath);
    expect(first.body.updateTime).toBe("24/11/2026 10:30AM");
    expect((await get(emergencyPath, now + 819_000)).body).toEqual(first.body);
    const later = await get(emergencyPath, now + 820_000);
    expect(later.body.updateTime).toBe("24/11/2026 10:45AM");
    expect(later.body.waitTime).not.toEqual(first.body.waitTime);
    expect((await get(emergencyPath, Date.parse("2026-12-01T00:10:00+08:00"))).body.updateTime).toBe("1/12/2026 12:00AM");
    expect((await get(emergencyPath, Date.parse("2026-12-01T12:10:00+08:00"))).body.updateTime).toBe("1/12/2026 12:00PM");
  });

  test("say of some departments in a day that they are managing several resuscitations, and then no more of the gravest cases", async () => {
    const entries: { t1wt: string; manageT1case: string }[] = [];
    for (let atMs = now; atMs < now + dayMs; atMs += 3_600_000) entries.push(...(await get(emergencyPath, atMs)).body.waitTime);
    const busy = entries.filter(({ manageT1case }) => manageT1case === "N/A");
    expect(busy.length).toBeGreaterThan(0);
    expect(busy.length).toBeLessThan(entries.length / 4);
    expect(new Set(busy.map(({ t1wt }) => t1wt))).toEqual(new Set(["Managing multiple resuscitation cases"]));
  });
});

describe("the program", { timeout: programTestMs }, () => {
  test("an unknown address is a problem of RFC 9457", async () => {
    const reply = await get("/nothing?secret=1");
    expect(reply).toMatchObject({
      status: 404,
      contentType: expect.stringMatching(/^application\/problem\+json/),
      body: { status: 404, detail: "There is nothing at GET /nothing." },
    });
  });

  test("a port in use ends the program with one clear line", async () => {
    const held = await holdPort();
    const { code, output } = await runProgram(program, ["--port", String(held.port)]);
    await held.release();
    expect(code).toBe(1);
    expect(output).toBe(
      `Port ${held.port} on 127.0.0.1 is in use: stop the program that holds it, or give Open data feeds another with --port.\n`,
    );
  });

  test.each([
    ["--port", "70000"],
    ["--port", "x"],
    ["--prot", "1"],
  ])("the arguments %s %s end the program with one clear line", async (...args) => {
    const { code, output } = await runProgram(program, args);
    expect(code).toBe(1);
    expect(output).toMatch(/--port.*\n$/);
    expect(output.trim().split("\n")).toHaveLength(1);
  });

  test("it serves its descriptions and ends cleanly on SIGTERM", async () => {
    const started = await startProgram(program, ["--port", "0"]);
    const replies = await Promise.all(
      ["/health", "/openapi/weather.yaml", "/openapi/carparks.yaml", "/openapi/emergency.yaml"].map((path) =>
        fetch(`${started.url}${path}`),
      ),
    );
    expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200, 200]);
    expect(await replies[1]?.text()).toContain("openapi: 3.1.0");
    expect((await started.stop()).code).toBe(0);
  });
});
