import type { ReactNode } from "react";
import { FormContext, RenderFieldContext, type FormContextValue, type RenderField } from "./context";
import { ParameterField } from "./ParameterField";

const renderField: RenderField = (field) => <ParameterField {...field} />;

/** Holds the fields of one record; every change goes through `value.set`. */
export function Form({ value, children }: { value: FormContextValue; children: ReactNode }) {
  return (
    <RenderFieldContext value={renderField}>
      <FormContext value={value}>{children}</FormContext>
    </RenderFieldContext>
  );
}
