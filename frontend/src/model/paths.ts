/** Reading and writing one value deep inside a record's parameters; writing returns a copy. */
import type { Json, Parameters } from "./records";

export type PathStep = string | number;
export type Path = readonly PathStep[];

export function valueAt(root: Json | undefined, path: Path): Json | undefined {
  let value: Json | undefined = root;
  for (const step of path) {
    if (value === null || typeof value !== "object") return undefined;
    value = Array.isArray(value)
      ? typeof step === "number"
        ? value[step]
        : undefined
      : Object.hasOwn(value, step)
        ? value[step]
        : undefined;
  }
  return value;
}

/** A copy with `value` at `path`; `undefined` takes the key away (a list closes the gap). Missing parents are made. */
export function withValueAt(root: Parameters, path: Path, value: Json | undefined): Parameters {
  if (path.length === 0) throw new RangeError("a path needs one step at least");
  return setIn(root, path, value) as Parameters;
}

/** List steps in one spelling (`ports[0].name` becomes `ports.0.name`), for comparing. */
export function normalizeField(field: string): string {
  return field.replace(/\[(\d+)\]/g, ".$1").replace(/\["?([^"\]]*)"?\]/g, ".$1");
}

function setIn(container: Json | undefined, path: Path, value: Json | undefined): Json {
  const step = path[0] as PathStep;
  const rest = path.slice(1);
  if (typeof step === "number") {
    const list = Array.isArray(container) ? [...container] : [];
    if (rest.length === 0 && value === undefined) list.splice(step, 1);
    else {
      while (list.length < step) list.push(null);
      list[step] = rest.length === 0 ? (value as Json) : setIn(list[step], rest, value);
    }
    return list;
  }
  const object: { [key: string]: Json } = isObject(container) ? { ...container } : {};
  if (rest.length === 0 && value === undefined) delete object[step];
  else object[step] = rest.length === 0 ? (value as Json) : setIn(object[step], rest, value);
  return object;
}

export function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
