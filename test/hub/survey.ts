import { matchingBasis } from "./matching.ts";

const head = (id: string, provider: string): string => `agreement: ${id}
version: 1
title: Survey of households, for tests
provider: ${provider}
recipient: census
purpose: household-survey
legalBasis: { ordinance: "Cap. 316", section: "4", kind: statute }
valid: { from: 2026-04-01, until: 2027-04-01 }
review: 2027-01-15
approvals:
  - { post: Data Owner, role: data-owner, on: 2026-03-18 }
  - { post: Privacy Officer, role: privacy-officer, on: 2026-03-20 }
${matchingBasis}share:
`;

const immigration = `${head("CS-IMMD-2026-90", "immigration")}
  - { fields: [Query.person, Person.ref, Person.name, PersonName.en, Person.sex, Person.residentStatus, Person.absenceDays], why: Survey }
  - { fields: [PersonName.tc], mask: { keep: { first: 1 } }, why: Survey }
  - { fields: [Person.hkid], mask: exists, why: Survey }
  - { fields: [Person.dateOfBirth], mask: year, why: Survey }
arguments: ["Query.person(ref:)", "Person.absenceDays(months:)"]
`;

const lands = `${head("CS-LR-2026-91", "lands")}
  - { fields: [Query.property, Person.properties, Person.ownsDomesticProperty, Property.prn, Property.district, Property.use], why: Survey }
  - { fields: [Property.owners, Ownership.party, Ownership.share, Company.properties], why: Survey }
  - { fields: [Property.address], mask: { keep: { first: 3, last: 4 } }, why: Survey }
  - fields: [Property.consideration]
    mask: { band: [{ name: under-5m, until: 500000000 }, { name: 5m-and-over, from: 500000000 }] }
    why: Survey
arguments: ["Query.property(prn:)"]
`;

const transport = `${head("CS-TD-2026-92", "transport")}
  - { fields: [Query.vehicle, Person.vehicles, Vehicle.mark, Vehicle.class, Vehicle.owner, Vehicle.valueBand], why: Survey }
  - { fields: [Vehicle.make], mask: { keep: { first: 2, last: 1 } }, why: Survey }
  - { fields: [Vehicle.licenceExpiry], mask: year, why: Survey }
arguments: ["Query.vehicle(mark:)", "Person.vehicles(licensedOnly:)"]
`;

const revenue = `${head("CS-IRD-2026-93", "revenue")}
  - { fields: [Person.incomeBand], why: Survey }
  - fields: [Person.income]
    mask: { band: [{ name: under-120k, until: 12000000 }, { name: 120k-to-240k, from: 12000000, until: 24000000 }, { name: 240k-and-over, from: 24000000 }] }
    why: Survey
arguments: ["Person.income(year:)"]
`;

const housing = `${head("CS-HD-2026-94", "housing")}
  - { fields: [Query.prhApplication, Query.prhApplications, PrhApplication.number, PrhApplication.members, PrhApplication.district], why: Survey }
  - { fields: [PrhApplication.submittedOn], mask: year, why: Survey }
arguments: ["Query.prhApplication(number:)", "Query.prhApplications(numbers:)"]
`;

const welfare = `${head("CS-SWD-2026-95", "welfare")}
  - { fields: [Query.allowanceApplication, AllowanceApplication.number, AllowanceApplication.applicant, Person.schemes, Scheme.code], why: Survey }
  - { fields: [Scheme.since], mask: year, why: Survey }
  - fields: [Scheme.monthlyAmount]
    mask: { band: [{ name: under-3000, until: 300000 }, { name: 3000-and-over, from: 300000 }] }
    why: Survey
arguments: ["Query.allowanceApplication(number:)"]
`;

const companies = `${head("CS-CR-2026-96", "companies")}
  - { fields: [Person.directorships, Directorship.company, Directorship.role], why: Survey }
  - { fields: [Directorship.since], mask: year, why: Survey }
  - { fields: [Officer.identification], mask: exists, why: Survey }
  - { fields: [Officer.residentialAddress], mask: { keep: { last: 3 } }, why: Survey }
`;

const education = `${head("CS-EDB-2026-97", "education")}
  - fields: [Query.studentFinanceApplication, StudentFinanceApplication.number, StudentFinanceApplication.school, StudentFinanceApplication.student, StudentFinanceApplication.members]
    why: Survey
  - { fields: [StudentFinanceApplication.submittedOn], mask: year, why: Survey }
arguments: ["Query.studentFinanceApplication(number:)"]
`;

const consent = `${head("CS-DPO-2026-98", "consent")}
  - { fields: [Person.consents, Consent.purpose], why: Survey }
  - { fields: [Consent.until], mask: year, why: Survey }
`;

/** Agreements of a survey that reads what no agreement of the demonstration shares, under every kind of mask. */
export const surveyAgreements: Readonly<Record<string, string>> = {
  "agreements/survey-immigration.yaml": immigration,
  "agreements/survey-lands.yaml": lands,
  "agreements/survey-transport.yaml": transport,
  "agreements/survey-revenue.yaml": revenue,
  "agreements/survey-housing.yaml": housing,
  "agreements/survey-welfare.yaml": welfare,
  "agreements/survey-companies.yaml": companies,
  "agreements/survey-education.yaml": education,
  "agreements/survey-consent.yaml": consent,
};

/** The application that asks under them, as a line of applications.yaml. */
export const surveyApplication = "  - { client: survey-app, title: Survey of households, bureau: census, purposes: [household-survey] }\n";

/** Its purpose, as lines of purposes.yaml. */
export const surveyPurpose =
  "  - code: household-survey\n    title: Survey of households\n    description: A survey of households for tests.\n";
