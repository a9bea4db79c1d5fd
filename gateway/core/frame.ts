import { literal } from "./code.ts";
import { isInheritedName } from "./joined.ts";
import type { OuterSlot, Place } from "./layout.ts";

/** The objects of one place in the text of a function: each of its layers is a variable. */
export interface Frame {
  readonly place: Place;
  /** A name that no other variable of the function has. */
  readonly local: (stem: string) => string;
  /** The variable of a slot's layer. Asking for it has it loaded. */
  layer(index: number): string;
  /** All layers as an array, for code that is shared; what is in no variable is loaded there. */
  all(): string;
  /** Declares the variables of the layers that were asked for and come from elsewhere. */
  loads(): string;
}

/** How a text gets at what the fetches have brought: an object's entity by attachment, or another fetch's root. */
export interface Supply {
  readonly entity: (attachmentId: number, anchor: string) => string;
  readonly reentry: (fetchId: number) => string;
}

/** Starts a frame. Layers that come from the objects around it are variables already. */
export function createFrame(place: Place, supply: Supply): Frame {
  const asked = new Set<number>();
  const outer = new Map(place.outer.map((slot) => [slot.index, slot]));
  const layer = (index: number): string => {
    asked.add(index);
    for (const anchor of outer.get(index)?.anchors ?? []) if (!asked.has(anchor)) layer(anchor);
    return layerName(index);
  };
  return {
    place,
    local: createNames(),
    layer,
    all(): string {
      const layers = place.slots.map(({ index }) => {
        const slot = outer.get(index);
        if (slot === undefined || asked.has(index)) return layerName(index);
        for (const anchor of slot.anchors) layer(anchor);
        return loadText(slot, supply);
      });
      return `[${layers.join(", ")}]`;
    },
    loads(): string {
      return place.outer
        .filter(({ index }) => asked.has(index))
        .map((slot) => `const ${layerName(slot.index)} = ${loadText(slot, supply)};\n`)
        .join("");
    },
  };
}

/** Starts a frame of objects whose layers are in the array `layers`. */
export function createArrayFrame(): Omit<Frame, "place"> {
  const asked = new Set<number>();
  return {
    local: createNames(),
    layer(index): string {
      asked.add(index);
      return layerName(index);
    },
    all: () => "layers",
    loads: () => [...asked].map((index) => `const ${layerName(index)} = layers[${index}];\n`).join(""),
  };
}

function createNames(): Frame["local"] {
  let count = 0;
  return (stem) => {
    count += 1;
    return `${stem}_${count}`;
  };
}

function loadText({ fetchId, attachmentId, anchors }: OuterSlot, supply: Supply): string {
  if (attachmentId === undefined) return supply.reentry(fetchId);
  if (anchors.length === 0) return "undefined";
  return supply.entity(attachmentId, firstText(anchors.map(layerName)));
}

function layerName(index: number): string {
  return `layer${index}`;
}

/** The first of some layers that is there. */
export function firstText(layers: readonly string[]): string {
  return layers.length === 0 ? "undefined" : layers.join(" ?? ");
}

/** Reads a key of a layer, which may be missing: never an inherited one. */
export function readText(layer: string, key: string): string {
  const member = `${layer}[${literal(key)}]`;
  const own = isInheritedName(key) ? `Object.hasOwn(${layer}, ${literal(key)}) ? ${member} : undefined` : member;
  return `(${layer} === undefined ? undefined : ${own})`;
}

/** The values that a child place's slots take from the objects around it, in the order of its inner slots. */
export function childTexts({ layer }: Pick<Frame, "layer">, child: Place): string[] {
  return child.inner.map(({ parentSlot, sourceKey }) => readText(layer(parentSlot), sourceKey));
}

/** Names of the values of a place's inner slots, in their order. */
export function valueNames(place: Place): string[] {
  return place.inner.map(({ index }) => `value${index}`);
}

/** Whether one of the values is a list, and which: the first one says how many elements there are. */
export function listTexts(values: readonly string[]): {
  readonly isList: string;
  readonly list: string;
  readonly elements: readonly string[];
} {
  const tests = values.map((value) => `Array.isArray(${value})`);
  const [only] = values;
  return {
    isList: tests.length === 0 ? "false" : tests.join(" || "),
    list:
      values.length === 1 && only !== undefined
        ? only
        : `${values.map((value, index) => `${tests[index]} ? ${value} : `).join("")}undefined`,
    elements: values.length === 1 ? [`${only}[index]`] : values.map((value, index) => `${tests[index]} ? ${value}[index] : undefined`),
  };
}

/** Whether a value is an object of a reply. */
export function isObjectText(value: string): string {
  return `typeof ${value} === "object" && ${value} !== null && !Array.isArray(${value})`;
}

/** Turns the values of a place's inner slots into its layers. @param none What to do when none is an object. */
export function layersText(place: Place, none: string): string {
  const names = place.inner.map(({ index }) => layerName(index));
  const lines = place.inner.map(
    ({ index }) => `const ${layerName(index)} = ${isObjectText(`value${index}`)} ? value${index} : undefined;\n`,
  );
  return `${lines.join("")}if (${names.length === 0 ? "true" : names.map((name) => `${name} === undefined`).join(" && ")}) ${none}\n`;
}
