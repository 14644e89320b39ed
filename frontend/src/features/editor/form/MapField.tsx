import { Plus, X } from "lucide-react";
import { useState } from "react";
import type { Parameter } from "@/model/catalog";
import { shortValue } from "@/model/form";
import type { Path } from "@/model/paths";
import { sameJson, type Json } from "@/model/records";
import { Button, cx, IconButton, Input, Textarea } from "@/ui";
import { useForm } from "./context";

interface Row {
  readonly id: number;
  readonly key: string;
  readonly value: string;
}

let lastRow = 0;
const rowsOf = (value: { readonly [key: string]: Json }): Row[] =>
  Object.entries(value).map(([key, item]) => ({ id: ++lastRow, key, value: shortValue(item) }));

/** Keys and values. A row without a key stays in the form and never reaches the document. */
export function MapField({
  parameter,
  path,
  value,
}: {
  parameter: Parameter;
  path: Path;
  value: { readonly [key: string]: Json };
}) {
  const { set, seal, readOnly } = useForm();
  const [rows, setRows] = useState<readonly Row[]>(() => rowsOf(value));
  const [sent, setSent] = useState<Json>(value as Json);
  // Undo, their save or another form changed the map under us: show that.
  if (!sameJson(sent, value)) {
    setSent(value as Json);
    if (!sameJson(valueOf(rows), value)) setRows(rowsOf(value));
  }
  const long = parameter.item?.type === "text" || parameter.name === "data";
  const change = (next: readonly Row[]): void => {
    setRows(next);
    const map = valueOf(next);
    setSent(map);
    set(path, Object.keys(map).length === 0 ? undefined : map);
  };
  const edit = (id: number, part: Partial<Row>): void =>
    change(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  const keys = rows.map((row) => row.key);
  return (
    <div className="flex flex-col gap-1.5">
      {rows.map((row, index) => {
        const twice = row.key !== "" && keys.indexOf(row.key) !== index;
        const multiline = long || row.value.includes("\n");
        return (
          <div
            key={row.id}
            className={cx("grid gap-1.5", multiline ? "grid-cols-[1fr_auto]" : "grid-cols-[2fr_3fr_auto]")}
          >
            <Input
              compact
              mono
              aria-label="Key"
              placeholder="key"
              value={row.key}
              readOnly={readOnly}
              aria-invalid={twice || undefined}
              title={twice ? "This key stands above already." : undefined}
              onChange={(event) => edit(row.id, { key: event.target.value })}
              onBlur={seal}
            />
            {!multiline && <ValueInput row={row} readOnly={readOnly} edit={edit} seal={seal} />}
            <IconButton
              label={`Remove ${row.key || "row"}`}
              size="sm"
              className="mt-0.5"
              disabled={readOnly}
              onClick={() => change(rows.filter((other) => other.id !== row.id))}
            >
              <X size={14} aria-hidden />
            </IconButton>
            {multiline && (
              <Textarea
                mono
                className="col-span-2"
                aria-label={`Value of ${row.key}`}
                rows={Math.min(12, Math.max(2, row.value.split("\n").length))}
                value={row.value}
                placeholder="value"
                readOnly={readOnly}
                onChange={(event) => edit(row.id, { value: event.target.value })}
                onBlur={seal}
              />
            )}
            {twice && (
              <p className="col-span-full text-12 text-bad">This key stands above already; only the last counts.</p>
            )}
          </div>
        );
      })}
      {!readOnly && (
        <Button
          size="sm"
          tone="ghost"
          className="self-start"
          icon={<Plus size={14} aria-hidden />}
          onClick={() => setRows([...rows, { id: ++lastRow, key: "", value: "" }])}
        >
          Add {singular(parameter.label)}
        </Button>
      )}
    </div>
  );
}

function ValueInput({
  row,
  readOnly,
  edit,
  seal,
}: {
  row: Row;
  readOnly: boolean;
  edit: (id: number, part: Partial<Row>) => void;
  seal: () => void;
}) {
  return (
    <Input
      compact
      mono
      aria-label={`Value of ${row.key}`}
      placeholder="value"
      value={row.value}
      readOnly={readOnly}
      onChange={(event) => edit(row.id, { value: event.target.value })}
      onBlur={seal}
    />
  );
}

function valueOf(rows: readonly Row[]): { [key: string]: Json } {
  return Object.fromEntries(rows.filter((row) => row.key !== "").map((row) => [row.key, row.value]));
}

/** "Labels" → "label"; what does not end in s stays. */
export function singular(label: string): string {
  const word = label.trim().toLowerCase();
  if (/(ses|xes|ches)$/.test(word)) return word.slice(0, -2);
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return /[^s]s$/.test(word) && word !== "args" ? word.slice(0, -1) : word || "row";
}
