/** What every control of a form needs to know; handed down because forms nest as deep as the catalog says. */
import { createContext, use } from "react";
import { errorKey, fieldError, type ErrorsByPath } from "@/model/form";
import type { Parameter } from "@/model/catalog";
import type { Path } from "@/model/paths";
import type { Json } from "@/model/records";

export interface FormContextValue {
  readonly readOnly: boolean;
  readonly errors: ErrorsByPath;
  /** `undefined` brings back the default. */
  readonly set: (path: Path, value: Json | undefined) => void;
  /** The person left a field: what comes next is another undo step. */
  readonly seal: () => void;
}

const FormContext = createContext<FormContextValue | null>(null);
export const FormProvider = FormContext;

export function useForm(): FormContextValue {
  const form = use(FormContext);
  if (!form) throw new Error("A field needs a form around it.");
  return form;
}

/** What to say under a field: what the server found, else what can be seen at once. */
export function useFieldError(parameter: Parameter, path: Path, value: Json | undefined): string | undefined {
  const { errors } = useForm();
  const server = errors.get(errorKey(path));
  return fieldError(parameter, value) ?? (server && server.length > 0 ? [...new Set(server)].join(" ") : undefined);
}
