import { X } from "lucide-react";
import type { Parameter } from "@/model/catalog";
import { errorKey } from "@/model/form";
import type { Path } from "@/model/paths";
import type { Json } from "@/model/records";
import { IconButton, Input } from "@/ui";
import { NestedField, useForm } from "./context";
import { NumberInput } from "./NumberInput";
import { textOf } from "./values";

interface PlainRowProps {
  readonly item: Parameter;
  readonly path: Path;
  readonly value: Json;
  /** Null where it cannot be done. */
  readonly onRemove: (() => void) | null;
  /** Enter: a new row after this one. */
  readonly onNext: (() => void) | null;
}

/** One value of a list: text and numbers in one line, anything else by the field of its type. */
export function PlainRow(props: PlainRowProps) {
  switch (props.item.type) {
    case "string":
    case "integer":
    case "number":
    case "port":
      return <OneLineRow {...props} />;
    default:
      return <FieldRow {...props} />;
  }
}

function OneLineRow({ item, path, value, onRemove, onNext }: PlainRowProps) {
  const { set, seal, readOnly, errors } = useForm();
  const error = errors.get(errorKey(path))?.[0];
  return (
    <>
      <div className="flex items-center gap-1.5">
        {item.type === "string" ? (
          <Input
            compact
            mono
            aria-label={`${item.label || "Row"} ${rowNumber(path)}`}
            aria-invalid={error ? true : undefined}
            placeholder={item.placeholder ?? undefined}
            value={textOf(value)}
            readOnly={readOnly}
            onChange={(event) => set(path, event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) onNext?.();
            }}
            onBlur={seal}
          />
        ) : (
          <NumberInput value={value} readOnly={readOnly} onChange={(next) => set(path, next ?? null)} onBlur={seal} />
        )}
        <RemoveRow path={path} onRemove={onRemove} />
      </div>
      {error && <p className="mt-1 text-12 text-bad">{error}</p>}
    </>
  );
}

function FieldRow({ item, path, value, onRemove }: PlainRowProps) {
  return (
    <div className="flex items-start gap-1.5">
      <div className="min-w-0 flex-1">
        <NestedField parameter={item} path={path} value={value} compact />
      </div>
      <RemoveRow path={path} onRemove={onRemove} />
    </div>
  );
}

function RemoveRow({ path, onRemove }: { path: Path; onRemove: (() => void) | null }) {
  if (!onRemove) return null;
  return (
    <IconButton label={`Remove row ${rowNumber(path)}`} size="sm" onClick={onRemove}>
      <X size={14} aria-hidden />
    </IconButton>
  );
}

function rowNumber(path: Path): number {
  return Number(path.at(-1)) + 1;
}
