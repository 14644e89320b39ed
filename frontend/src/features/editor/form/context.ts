/** What every control of a form needs to know; handed down, because forms nest as deep as the catalog says. */
import { createContext, use, type ReactNode } from "react";
import type { Parameter } from "@/model/catalog";
import type { FieldOwner } from "@/model/owners";
import type { LeftOfNode } from "@/product";
import { errorKey, fieldError, type ErrorsByPath, type Link } from "@/model/form";
import type { Path } from "@/model/paths";
import type { Json } from "@/model/records";

export interface FormContextValue {
  readonly readOnly: boolean;
  readonly errors: ErrorsByPath;
  readonly warnings: ErrorsByPath;
  /** The record is new: a field that is still empty is not called wrong. */
  readonly calm: boolean;
  /** What the Kubernetes API calls the field, where it is one. */
  readonly apiPath: (path: Path) => string | undefined;
  /** Who owns the field in the cluster; not given while nobody wants to know. */
  readonly ownersOf?: (path: Path) => readonly FieldOwner[];
  /** What of its fields the environment leaves to others; not given where nothing is. */
  readonly leftOf?: {
    /** `key`: what of a map or a list it is, "" for the field itself. */
    readonly of: (path: Path) => readonly (LeftOfNode & { readonly key: string })[];
    readonly takeBack: (yieldId: string) => void;
    /** The id of the one that is being taken back. */
    readonly busy: string | null;
  };
  /** `undefined` brings back the default. */
  readonly set: (path: Path, value: Json | undefined) => void;
  /** The person left a field: the next edit is a separate step of undo. */
  readonly seal: () => void;
}

export interface ParameterFieldProps {
  readonly parameter: Parameter;
  readonly path: Path;
  /** The value in the document; undefined where the default applies. */
  readonly value: Json | undefined;
  readonly links?: readonly Link[];
  readonly onJump?: (link: Link) => void;
  /** In a row of a list: no help, smaller. */
  readonly compact?: boolean;
}

export const FormContext = createContext<FormContextValue | null>(null);

/** Renders one parameter of any type. Lists and objects take it from here: importing it would close a circle. */
export type RenderField = (field: ParameterFieldProps) => ReactNode;
export const RenderFieldContext = createContext<RenderField | null>(null);

export function useForm(): FormContextValue {
  const form = use(FormContext);
  if (!form) throw new Error("A field needs a form around it.");
  return form;
}

/** A field inside a list or an object. */
export function NestedField(props: ParameterFieldProps): ReactNode {
  const render = use(RenderFieldContext);
  if (!render) throw new Error("A field needs a form around it.");
  return render(props);
}

/** What is wrong with a field: what can be seen at once, else what the server found. */
export function useFieldError(parameter: Parameter, path: Path, value: Json | undefined): string | undefined {
  const { errors, calm } = useForm();
  if (calm && (value === undefined || value === null || value === "")) return undefined;
  return fieldError(parameter, value) ?? joined(errors.get(errorKey(path)));
}

/** What the server warns of at a field. */
export function useFieldWarning(path: Path): string | undefined {
  return joined(useForm().warnings.get(errorKey(path)));
}

function joined(texts: readonly string[] | undefined): string | undefined {
  return texts && texts.length > 0 ? [...new Set(texts)].join(" ") : undefined;
}
