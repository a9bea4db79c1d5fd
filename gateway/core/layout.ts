import type { SetConditions } from "./conditions.ts";

/**
 * The words of a compiled plan: which fetch contributes which part of the answer.
 *
 * Replies of subgraphs are never merged. A position of the answer is a `Place`; the objects that several fetches
 * deliver for it are its layers, one for each `Slot`. Whoever reads a place (the walk that builds representations, the
 * projection that writes the answer) takes each field from the layer that was asked for it.
 */

/** One field that a fetch selects at a place. */
export interface Entry {
  /** Key in the subgraph's reply. */
  readonly sourceKey: string;
  /** Key in the answer; differs from `sourceKey` where the planner had to rename. */
  readonly responseKey: string;
  readonly fieldName: string;
  /** Field name with its arguments in canonical order: tells apart equal keys that mean different things. */
  readonly signature: string;
  /** Type conditions around the field, outermost first; all of them must hold. */
  readonly typeConditions: readonly string[];
  /** Where the field's objects are; undefined for a leaf. */
  readonly child: Place | undefined;
}

/** One source of objects at a place. */
export interface Slot {
  readonly index: number;
  /** The fetch that fills it. */
  readonly fetchId: number;
  readonly origin:
    | { readonly kind: "root" }
    | { readonly kind: "child"; readonly parentSlot: number; readonly sourceKey: string }
    /** An entity, looked up by the first object that one of the `anchors` (slot indexes) holds. */
    | { readonly kind: "entity"; readonly attachmentId: number; readonly anchors: readonly number[] }
    /** The root of another fetch, seen again below the root. */
    | { readonly kind: "reentry" };
  readonly entries: readonly Entry[];
}

/** A position of the answer that holds objects; lists around them don't count. */
export interface Place {
  readonly id: number;
  readonly slots: readonly Slot[];
  /** The slots that are filled from the objects around the place, ready to be read. */
  readonly inner: readonly InnerSlot[];
  /** The slots that are filled from elsewhere, in the order in which one may anchor the next. */
  readonly outer: readonly OuterSlot[];
}

/** A slot whose objects are below those of another one. */
export interface InnerSlot {
  readonly index: number;
  readonly parentSlot: number;
  readonly sourceKey: string;
  /** Whether every object inherits something of this name. */
  readonly isInherited: boolean;
}

/** A slot of entities (then with its attachment and anchors), or of another fetch's root. */
export interface OuterSlot {
  readonly index: number;
  readonly fetchId: number;
  readonly attachmentId: number | undefined;
  readonly anchors: readonly number[];
}

/** One step on the way to entities: go to the place, keep objects of these types (all when undefined). */
export interface Stride {
  readonly place: Place;
  readonly typeNames: readonly string[] | undefined;
}

/** A way from the root to the objects of one place. */
export type Way = readonly Stride[];

/** What a representation holds. */
export type RequiredSelection =
  | { readonly kind: "fragment"; readonly typeCondition: string; readonly selections: readonly RequiredSelection[] }
  | {
      readonly kind: "field";
      /** Key in the layers. */
      readonly sourceKey: string;
      /** Name in the representation. */
      readonly name: string;
      readonly selections: readonly RequiredSelection[] | undefined;
    };

/** A value that the planner sets in a representation of the given types (every type when undefined). */
export interface FixedValue {
  readonly typeNames: readonly string[] | undefined;
  readonly name: string;
  readonly value: string;
}

/** Entities that one fetch asks for, and where they belong. */
export interface Attachment {
  readonly id: number;
  /** Key of the entity list in the reply. */
  readonly responseKey: string;
  readonly variableName: string;
  readonly ways: readonly Way[];
  /** For each way its path in the answer: response keys, "@" for a list. */
  readonly wayPaths: readonly (readonly string[])[];
  readonly requires: readonly RequiredSelection[];
  readonly fixedValues: readonly FixedValue[];
}

/** One call of a subgraph. */
export interface FetchStep {
  readonly kind: "fetch";
  readonly id: number;
  readonly subgraph: string;
  readonly operationKind: "query" | "mutation" | "subscription";
  /** The operation's text, as sent. */
  readonly text: string;
  /** Variables of the caller's operation to send along. */
  readonly variableNames: readonly string[];
  /** Empty for a fetch from the root. */
  readonly attachments: readonly Attachment[];
  /** Where a re-entered root belongs; undefined for root fetches and entity fetches. */
  readonly reentry: readonly Way[] | undefined;
  /** Fetches that have ended when this one starts. */
  readonly earlier: ReadonlySet<number>;
  /** Answer paths (response keys, "@" for a list) that are null when the fetch fails; for entities the paths of their ways say so. */
  readonly affectedPaths: readonly (readonly string[])[];
  /** Keys in the reply that the answer knows by another name, with that name. */
  readonly answerKeys: ReadonlyMap<string, string>;
  /** Coordinates that the fetch selects, without `__typename`; `undefined` when one can't be told. */
  readonly coordinates: readonly string[] | undefined;
  /** Coordinates directly under the operation's root or under an entity: their cache lifetimes must be declared. */
  readonly topCoordinates: readonly string[];
}

/** The order of the calls. */
export type Step =
  | FetchStep
  | { readonly kind: "sequence"; readonly steps: readonly Step[] }
  | { readonly kind: "parallel"; readonly steps: readonly Step[] };

/** A plan, ready to run. */
export interface FetchPlan {
  readonly root: Place;
  /** Undefined when there is nothing to fetch. */
  readonly step: Step | undefined;
  /** The subscription at a subgraph, for each of whose events the plan is run; undefined for queries and mutations. */
  readonly source: FetchStep | undefined;
  readonly fetches: readonly FetchStep[];
  readonly attachmentCount: number;
  /** The variables of conditions that are true in every request that the plan is for. */
  readonly set: SetConditions;
}
