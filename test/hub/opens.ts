import { openCensus } from "../../subgraphs/census/department.ts";
import { openCompanies } from "../../subgraphs/companies/department.ts";
import { openConsent } from "../../subgraphs/consent/department.ts";
import { openEducation } from "../../subgraphs/education/department.ts";
import { openEnvironment } from "../../subgraphs/environment/department.ts";
import { openHealth } from "../../subgraphs/health/department.ts";
import { openHousing } from "../../subgraphs/housing/department.ts";
import { openImmigration } from "../../subgraphs/immigration/department.ts";
import type { OpenDepartment } from "../../subgraphs/kit/department.ts";
import { openLands } from "../../subgraphs/lands/department.ts";
import { openObservatory } from "../../subgraphs/observatory/department.ts";
import { openRevenue } from "../../subgraphs/revenue/department.ts";
import { openTransport } from "../../subgraphs/transport/department.ts";
import { openWelfare } from "../../subgraphs/welfare/department.ts";

/** What opens each department, by its name. */
export const opens: Readonly<Record<string, OpenDepartment>> = {
  census: openCensus,
  companies: openCompanies,
  consent: openConsent,
  education: openEducation,
  environment: openEnvironment,
  health: openHealth,
  housing: openHousing,
  immigration: openImmigration,
  lands: openLands,
  observatory: openObservatory,
  revenue: openRevenue,
  transport: openTransport,
  welfare: openWelfare,
};
