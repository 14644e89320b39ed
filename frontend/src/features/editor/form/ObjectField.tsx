import { Plus, X } from "lucide-react";
import type { Parameter } from "@/model/catalog";
import { isVisible } from "@/model/form";
import { isObject, type Path } from "@/model/paths";
import type { Json } from "@/model/records";
import { Button, cx } from "@/ui";
import { NestedField, useForm } from "./context";
import { isOptionalObject, NARROW } from "./values";

interface ObjectProps {
  readonly parameter: Parameter;
  readonly path: Path;
  readonly value: Json | undefined;
  readonly compact?: boolean;
}

/** An object whose presence has a meaning (a probe) is added and removed as a whole; others just show their fields. */
export function OptionalObject({ parameter, path, value, compact }: ObjectProps) {
  const { set, readOnly } = useForm();
  const name = parameter.label.toLowerCase();
  if (!isOptionalObject(parameter))
    return <ObjectField parameter={parameter} path={path} value={value} compact={compact} />;
  if (!isObject(value)) {
    return readOnly ? (
      <p className="text-12 text-muted">Not set.</p>
    ) : (
      <Button
        size="sm"
        tone="ghost"
        className="self-start"
        icon={<Plus size={14} aria-hidden />}
        onClick={() => set(path, {})}
      >
        Add {name}
      </Button>
    );
  }
  return (
    <div className="rounded border border-line p-2.5">
      <ObjectField parameter={parameter} path={path} value={value} compact />
      {!readOnly && (
        <Button
          size="sm"
          tone="danger-ghost"
          className="mt-2"
          icon={<X size={14} aria-hidden />}
          onClick={() => set(path, undefined)}
        >
          Remove {name}
        </Button>
      )}
    </div>
  );
}

/** The visible fields of an object; short ones share a line. */
export function ObjectField({ parameter, path, value, compact }: ObjectProps) {
  const values = isObject(value) ? value : {};
  const all = parameter.fields ?? [];
  const fields = all.filter((field) => isVisible(field, all, values));
  const narrow = fields.length > 1 && fields.every((field) => NARROW.has(field.type));
  return (
    <div
      className={cx(
        compact
          ? "grid grid-cols-2 gap-2"
          : narrow
            ? "grid grid-cols-2 gap-3"
            : "flex flex-col gap-3 border-l-2 border-line pl-3",
      )}
    >
      {fields.map((field) => (
        <div key={field.name} className={cx("min-w-0", !NARROW.has(field.type) && "col-span-2")}>
          <NestedField parameter={field} path={[...path, field.name]} value={values[field.name]} compact={compact} />
        </div>
      ))}
    </div>
  );
}
