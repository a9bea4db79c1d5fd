import type { Resolvers } from "../kit/department.ts";
import { isDistrictCode } from "../kit/keys.ts";
import type { Disease, Diseases, NotifiedMonth } from "./diseases.ts";
import type { WaitingFeed } from "./feed.ts";
import type { Hospital, Hospitals } from "./hospitals.ts";
import { foldName, type Waiting } from "./waiting.ts";

/** What the resolvers read. */
export interface HealthSources {
  readonly hospitals: Hospitals;
  readonly diseases: Diseases;
  readonly waiting: WaitingFeed;
}

interface District {
  readonly code: string;
}

/** Resolvers of schema/departments/health.graphql. Fields of District resolve from the code alone. */
export function createHealthResolvers({ hospitals, diseases, waiting }: HealthSources) {
  const findHospital = (name: unknown): Hospital | null => (typeof name === "string" ? (hospitals.byName.get(name) ?? null) : null);
  const findDisease = (id: unknown): Disease | null => (typeof id === "string" ? (diseases.byId.get(id) ?? null) : null);
  return {
    Query: {
      hospitals: () => hospitals.all,
      hospital: (_root: unknown, { name }: { readonly name: unknown }) => findHospital(name),
      notifiableDiseases: () => diseases.all,
      notifiableDisease: (_root: unknown, { id }: { readonly id: unknown }) => findDisease(id),
    },
    Hospital: {
      __resolveReference: ({ name }: { readonly name: unknown }) => findHospital(name),
      names: ({ name, nameTc }: Hospital) => ({ en: name, tc: nameTc }),
      cluster: ({ clusterEn, clusterTc }: Hospital) => ({ en: clusterEn, tc: clusterTc }),
      address: ({ addressEn, addressTc }: Hospital) => ({ en: addressEn, tc: addressTc }),
      district: ({ district }: Hospital): District => ({ code: district }),
      emergencyWaiting: async ({ name, hasEmergency }: Hospital): Promise<Waiting | null> =>
        hasEmergency ? ((await waiting()).get(foldName(name)) ?? null) : null,
    },
    District: {
      __resolveReference: ({ code }: { readonly code: unknown }) => (isDistrictCode(code) ? { code } : null),
      hospitals: ({ code }: District, { emergencyOnly }: { readonly emergencyOnly?: boolean | null }): readonly Hospital[] =>
        (hospitals.byDistrict.get(code) ?? []).filter(({ hasEmergency }) => hasEmergency || emergencyOnly !== true),
    },
    NotifiableDisease: {
      __resolveReference: ({ id }: { readonly id: unknown }) => findDisease(id),
      months: ({ years }: Disease, { year }: { readonly year?: number | null }): readonly NotifiedMonth[] =>
        years.get(year ?? diseases.lastYear) ?? [],
    },
  } satisfies Resolvers;
}
