import { Plus } from "lucide-react";
import { useState } from "react";
import type { Parameter } from "@/model/catalog";
import { shortValue } from "@/model/form";
import { isObject, type Path } from "@/model/paths";
import { sameJson, type Json } from "@/model/records";
import { Button } from "@/ui";
import { useForm } from "./context";
import { MapRow, type Row } from "./MapRow";
import { useFocusAdded } from "./useFocusAdded";
import { singular } from "./values";

type JsonMap = { readonly [key: string]: Json };

interface MapFieldProps {
  readonly parameter: Parameter;
  readonly path: Path;
  readonly value: Json | undefined;
}

let lastRow = 0;

/** Keys and values. A row without a key stays in the form and does not reach the document. */
export function MapField({ parameter, path, value }: MapFieldProps) {
  const { set, readOnly } = useForm();
  const { added, rowRef } = useFocusAdded<number>();
  const map: JsonMap = isObject(value) ? value : isObject(parameter.default) ? parameter.default : {};
  const [rows, setRows] = useState<readonly Row[]>(() => rowsOf(map));
  const [sent, setSent] = useState<JsonMap>(map);
  // Undo, another person or another form changed the map: show it as it is now.
  if (!sameJson(sent as Json, map as Json)) {
    setSent(map);
    if (!sameJson(mapOf(rows), map as Json)) setRows(rowsOf(map));
  }
  const change = (next: readonly Row[]): void => {
    const changed = mapOf(next);
    setRows(next);
    setSent(changed);
    set(path, Object.keys(changed).length === 0 ? undefined : changed);
  };
  const addRow = (): void => {
    const row = { id: ++lastRow, key: "", value: "" };
    added(row.id);
    setRows([...rows, row]);
  };
  const keys = rows.map((row) => row.key);
  const isLong = parameter.item?.type === "text" || parameter.name === "data";
  return (
    <div className="flex flex-col gap-1.5">
      {rows.map((row, index) => (
        <div key={row.id} ref={rowRef(row.id)}>
          <MapRow
            row={row}
            multiline={isLong || row.value.includes("\n")}
            repeated={row.key !== "" && keys.indexOf(row.key) !== index}
            onChange={(part) => change(rows.map((other) => (other.id === row.id ? { ...other, ...part } : other)))}
            onRemove={() => change(rows.filter((other) => other.id !== row.id))}
          />
        </div>
      ))}
      {!readOnly && (
        <Button size="sm" tone="ghost" className="self-start" icon={<Plus size={14} aria-hidden />} onClick={addRow}>
          Add {singular(parameter.item?.label || parameter.label)}
        </Button>
      )}
    </div>
  );
}

function rowsOf(map: JsonMap): Row[] {
  return Object.entries(map).map(([key, item]) => ({ id: ++lastRow, key, value: shortValue(item) }));
}

function mapOf(rows: readonly Row[]): { [key: string]: Json } {
  return Object.fromEntries(rows.filter((row) => row.key !== "").map((row) => [row.key, row.value]));
}
