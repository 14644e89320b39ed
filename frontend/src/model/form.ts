/**
 * Forms from the catalog: which fields are shown, their values, which edges fill them in, and what is wrong with them.
 */
import type { Catalog, Kind, Parameter } from "./catalog";
import type { Problem } from "./checks";
import { edgesOf } from "./connect";
import { isObject, normalizeField, valueAt, type Path } from "./paths";
import { isQuantity } from "./quantity";
import { sameJson, type EdgeRecord, type GraphDocument, type Json, type NodeRecord, type Parameters } from "./records";

/** A value that an edge fills in at render; the form shows it read-only. */
export interface Link {
  readonly edgeId: string;
  readonly relationId: string;
  readonly phrase: string;
  /** The node at the other end. */
  readonly nodeId: string;
  readonly nodeName: string;
}

export interface Field {
  readonly parameter: Parameter;
  readonly path: Path;
  /** The value in the document; undefined where the default applies. */
  readonly own: Json | undefined;
  readonly links: readonly Link[];
  readonly errors: readonly string[];
}

export interface FormSection {
  readonly id: string;
  readonly label: string;
  readonly fields: readonly Field[];
  readonly advanced: readonly Field[];
  readonly errors: number;
}

/** The form of one node: every visible parameter of its kind in the catalog's sections and order. */
export function nodeForm(
  kind: Kind,
  node: NodeRecord,
  document: GraphDocument,
  catalog: Catalog,
  problems: readonly Problem[],
): FormSection[] {
  const edges = edgesOf(document, node.id);
  const errors = errorsOf("nodes", node.id, problems);
  const linksOf = (parameter: Parameter): Link[] => linksFor(parameter, node, edges, document, catalog);
  return sectionsOf(kind.sections, kind.parameters, node.parameters, errors, linksOf);
}

/** The form of one edge: the relation's own parameters, in one section. */
export function edgeForm(edge: EdgeRecord, catalog: Catalog, problems: readonly Problem[]): FormSection[] {
  const relation = catalog.relationById.get(edge.relation);
  if (!relation) return [];
  return sectionsOf([], relation.parameters, edge.parameters, errorsOf("edges", edge.id, problems), () => []);
}

/** The value that applies: the typed one, else the default. */
export function effective(parameter: Parameter, own: Json | undefined): Json | undefined {
  return own === undefined || own === null ? parameter.default : own;
}

export function isVisible(parameter: Parameter, siblings: readonly Parameter[], values: Parameters): boolean {
  const rule = parameter.visible_if;
  if (!rule) return true;
  return Object.entries(rule).every(([name, wanted]) => {
    const sibling = siblings.find((candidate) => candidate.name === name);
    const value = (sibling ? effective(sibling, values[name]) : values[name]) ?? null;
    const choices = Array.isArray(wanted) ? wanted : [wanted];
    return choices.some((choice) => sameJson(choice, value));
  });
}

/** The value of a new row of a list or a new object: empty, so that defaults apply. */
export function blankValue(parameter: Parameter): Json {
  switch (parameter.type) {
    case "object":
    case "map":
      return {};
    case "list":
      return [];
    case "boolean":
      return false;
    case "enum":
      return parameter.default ?? parameter.options?.[0]?.value ?? "";
    case "integer":
    case "number":
    case "port":
      return parameter.default ?? null;
    default:
      return parameter.default ?? "";
  }
}

function missing(parameter: Parameter): string {
  const isList = parameter.type === "list" || parameter.type === "map";
  return isList
    ? `Add at least one ${parameter.item?.label || "entry"}.`
    : `${parameter.label} is required; fill it in.`;
}

/** What is wrong with a typed value and how to fix it, or null; the server checks the same and more. */
export function fieldError(parameter: Parameter, value: Json | undefined): string | null {
  const absent = value === undefined || value === null || value === "";
  if (absent) return parameter.required && parameter.default === undefined ? missing(parameter) : null;
  // Variables are filled in per environment, so their text cannot be checked here.
  if (typeof value === "string" && value.includes("${")) return null;
  switch (parameter.type) {
    case "integer":
    case "number":
    case "port":
      return numberError(parameter, value);
    case "quantity":
      return isQuantity(String(value)) ? null : "Not a quantity. Examples: 250m, 1.5, 128Mi, 2Gi.";
    case "enum":
      return parameter.options?.some((option) => sameJson(option.value, value)) === false
        ? `Not one of ${parameter.options.map((option) => option.label).join(", ")}.`
        : null;
    default:
      return typeof value === "string" ? textError(parameter, value) : null;
  }
}

/** Errors, or warnings, by field path relative to the record's parameters: `ports.0.port` → sentences. */
export type ErrorsByPath = ReadonlyMap<string, readonly string[]>;

export function errorsOf(
  table: "nodes" | "edges",
  id: string,
  problems: readonly Problem[],
  severity: Problem["severity"] = "error",
): ErrorsByPath {
  const prefix = `${table}.${id}.parameters.`;
  const errors = new Map<string, string[]>();
  for (const problem of problems) {
    if (problem.field === null || problem.severity !== severity) continue;
    const field = normalizeField(problem.field);
    if (!field.startsWith(prefix)) continue;
    const key = field.slice(prefix.length);
    const list = errors.get(key);
    if (list) list.push(problem.detail);
    else errors.set(key, [problem.detail]);
  }
  return errors;
}

export function errorKey(path: Path): string {
  return path.join(".");
}

export function countBelow(errors: ErrorsByPath, path: Path): number {
  const prefix = errorKey(path);
  let count = 0;
  for (const [key, list] of errors) if (key === prefix || key.startsWith(`${prefix}.`)) count += list.length;
  return count;
}

function sectionsOf(
  declared: Kind["sections"],
  parameters: readonly Parameter[],
  values: Parameters,
  errors: ErrorsByPath,
  linksOf: (parameter: Parameter) => readonly Link[],
): FormSection[] {
  const groups = new Map<string, { id: string; label: string; fields: Field[]; advanced: Field[]; errors: number }>();
  for (const section of declared) groups.set(section.id, { ...section, fields: [], advanced: [], errors: 0 });
  for (const parameter of parameters) {
    if (!isVisible(parameter, parameters, values)) continue;
    const id = parameter.section ?? "";
    const group = groups.get(id) ?? { id, label: id, fields: [], advanced: [], errors: 0 };
    groups.set(id, group);
    const path = [parameter.name];
    const field: Field = {
      parameter,
      path,
      own: valueAt(values, path),
      links: linksOf(parameter),
      errors: errors.get(parameter.name) ?? [],
    };
    group.errors += countBelow(errors, path);
    (parameter.advanced ? group.advanced : group.fields).push(field);
  }
  return [...groups.values()].filter((group) => group.fields.length + group.advanced.length > 0);
}

function linksFor(
  parameter: Parameter,
  node: NodeRecord,
  edges: readonly EdgeRecord[],
  document: GraphDocument,
  catalog: Catalog,
): Link[] {
  if (!parameter.linked_by || parameter.linked_by.length === 0) return [];
  return edges
    .filter((edge) => parameter.linked_by?.includes(edge.relation) && reachesMain(edge, node))
    .map((edge) => {
      const nodeId = edge.source === node.id ? edge.target : edge.source;
      return {
        edgeId: edge.id,
        relationId: edge.relation,
        phrase: catalog.relationById.get(edge.relation)?.phrase ?? edge.relation,
        nodeId,
        nodeName: document.nodes[nodeId]?.name ?? nodeId,
      };
    });
}

/** An edge that names containers reaches the fields of the main one only where it names it. */
export function reachesMain(edge: EdgeRecord, node: NodeRecord): boolean {
  const named = edge.parameters.containers;
  if (!Array.isArray(named) || named.length === 0) return true;
  return named.includes(node.parameters.container_name ?? node.name);
}

function numberError(parameter: Parameter, value: Json): string | null {
  const number = typeof value === "number" ? value : Number.NaN;
  if (!Number.isFinite(number)) return "A number is needed.";
  if (parameter.type !== "number" && !Number.isInteger(number)) return "A whole number is needed.";
  const [low, high] = [
    parameter.min ?? (parameter.type === "port" ? 1 : null),
    parameter.max ?? (parameter.type === "port" ? 65535 : null),
  ];
  if (low !== null && high !== null && (number < low || number > high)) return `Between ${low} and ${high}.`;
  if (low !== null && number < low) return `At least ${low}.`;
  if (high !== null && number > high) return `At most ${high}.`;
  return null;
}

function textError(parameter: Parameter, value: string): string | null {
  if (typeof parameter.max_length === "number" && value.length > parameter.max_length) {
    return `At most ${parameter.max_length} characters; this has ${value.length}.`;
  }
  if (!parameter.pattern) return null;
  try {
    if (new RegExp(`^(?:${parameter.pattern})$`, "u").test(value)) return null;
  } catch {
    // A pattern of the server that this browser cannot read: the server checks it.
    return null;
  }
  const example = parameter.example ?? parameter.placeholder;
  return typeof example === "string"
    ? `Not in the form that is needed. Example: ${example}`
    : "Not in the form that is needed.";
}

/** How one value reads on a card or in a list: short, on one line. */
export function shortValue(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(shortValue).filter(Boolean).join(", ");
  if (isObject(value)) {
    return Object.entries(value)
      .map(([key, item]) => `${key}=${shortValue(item)}`)
      .join(", ");
  }
  return String(value);
}
