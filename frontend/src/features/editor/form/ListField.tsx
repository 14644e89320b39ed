import { Plus } from "lucide-react";
import { useState } from "react";
import type { Parameter } from "@/model/catalog";
import { blankValue } from "@/model/form";
import type { Path } from "@/model/paths";
import type { Json } from "@/model/records";
import { Button } from "@/ui";
import { useForm } from "./context";
import { ObjectRow } from "./ObjectRow";
import { PlainRow } from "./PlainRow";
import { useFocusAdded } from "./useFocusAdded";
import { listOf, rowTitle, singular } from "./values";

interface ListFieldProps {
  readonly parameter: Parameter;
  readonly path: Path;
  readonly value: Json | undefined;
}

/** A list of anything: plain values as rows, objects as rows that fold. */
export function ListField({ parameter, path, value }: ListFieldProps) {
  const { set, readOnly } = useForm();
  const { added, rowRef } = useFocusAdded<number>();
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const rows = listOf(value ?? parameter.default);
  const item: Parameter = parameter.item ?? { name: "", type: "string", label: singular(parameter.label) };
  const word = singular(item.label || parameter.label);
  const change = (next: readonly Json[]): void =>
    set(path, next.length === 0 && parameter.default === undefined ? undefined : [...next]);
  const insertAt = (index: number): void => {
    added(index);
    setOpen(new Set([...open, index]));
    change(rows.toSpliced(index, 0, blankValue(item)));
  };
  const swap = (a: number, b: number): void => {
    const next = [...rows];
    [next[a], next[b]] = [rows[b] as Json, rows[a] as Json];
    change(next);
  };
  const toggle = (index: number): void => {
    const next = new Set(open);
    if (!next.delete(index)) next.add(index);
    setOpen(next);
  };
  return (
    <div className="flex flex-col gap-1.5">
      {rows.map((row, index) => (
        <div key={index} ref={rowRef(index)}>
          {item.type === "object" ? (
            <ObjectRow
              item={item}
              path={[...path, index]}
              value={row}
              title={rowTitle(item, row) || `${word} ${index + 1}`}
              open={open.has(index)}
              onToggle={() => toggle(index)}
              onRemove={readOnly ? null : () => change(rows.toSpliced(index, 1))}
              onUp={readOnly || index === 0 ? null : () => swap(index, index - 1)}
              onDown={readOnly || index === rows.length - 1 ? null : () => swap(index, index + 1)}
            />
          ) : (
            <PlainRow
              item={item}
              path={[...path, index]}
              value={row}
              onRemove={readOnly ? null : () => change(rows.toSpliced(index, 1))}
              onNext={readOnly ? null : () => insertAt(index + 1)}
            />
          )}
        </div>
      ))}
      {!readOnly && (
        <Button
          size="sm"
          tone="ghost"
          className="self-start"
          icon={<Plus size={14} aria-hidden />}
          onClick={() => insertAt(rows.length)}
        >
          Add {word}
        </Button>
      )}
    </div>
  );
}
