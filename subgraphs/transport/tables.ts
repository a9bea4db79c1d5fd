import { insertRows, withProgress } from "../kit/migrate.ts";
import type { TablesPlan } from "../kit/open.ts";
import { type VehicleClass, type VehicleRecord, vehiclesOf } from "../kit/population/vehicles.ts";

/** Tables of the department. */
export interface TransportTables {
  readonly vehicles: VehicleRow;
}

/** One registered vehicle. */
export interface VehicleRow {
  readonly mark: string;
  readonly owner_ref: string;
  readonly class: VehicleClass;
  readonly make: string;
  /** Residual value in cents. */
  readonly value_cents: bigint;
  /** ISO day, the last on which the licence is valid. */
  readonly licence_expiry: string;
}

/** The department's tables, filled with the synthetic population's vehicles. */
export const transportTables: TablesPlan<TransportTables> = {
  department: "transport",
  migrations: [
    {
      number: 1,
      name: "vehicles",
      statements: [
        `create table vehicles (
          mark text primary key,
          owner_ref text not null,
          class text not null,
          make text not null,
          value_cents bigint not null check (value_cents >= 0),
          licence_expiry date not null
        )`,
        "create index vehicles_by_owner on vehicles (owner_ref)",
        "comment on table vehicles is 'synthetic: made by a seeded program, no row stands for a real vehicle'",
      ],
    },
  ],
  fill: async (tx, population, progress) => {
    const vehicles = [...vehiclesOf(population)];
    await insertRows(tx, "vehicles", withProgress(vehicles.map(toRow), vehicles.length, progress));
  },
};

function toRow(vehicle: VehicleRecord): Readonly<Record<keyof VehicleRow, string | number>> {
  return {
    mark: vehicle.mark,
    owner_ref: vehicle.ownerRef,
    class: vehicle.class,
    make: vehicle.make,
    value_cents: vehicle.valueCents,
    licence_expiry: vehicle.licenceExpiry,
  };
}
