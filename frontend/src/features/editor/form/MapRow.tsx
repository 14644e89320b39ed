import { X } from "lucide-react";
import { cx, IconButton, Input, Textarea } from "@/ui";
import { useForm } from "./context";

export interface Row {
  readonly id: number;
  readonly key: string;
  readonly value: string;
}

interface MapRowProps {
  readonly row: Row;
  /** The value gets lines of its own, below the key. */
  readonly multiline: boolean;
  /** A row above has the same key. */
  readonly repeated: boolean;
  readonly onChange: (part: Partial<Pick<Row, "key" | "value">>) => void;
  readonly onRemove: () => void;
}

/** One key with its value. */
export function MapRow({ row, multiline, repeated, onChange, onRemove }: MapRowProps) {
  const { seal, readOnly } = useForm();
  const valueProps = {
    mono: true,
    "aria-label": `Value of ${row.key}`,
    placeholder: "value",
    value: row.value,
    readOnly,
    onBlur: seal,
  };
  return (
    <div className={cx("grid gap-1.5", multiline ? "grid-cols-[1fr_auto]" : "grid-cols-[2fr_3fr_auto]")}>
      <Input
        compact
        mono
        aria-label="Key"
        placeholder="key"
        value={row.key}
        readOnly={readOnly}
        aria-invalid={repeated || undefined}
        onChange={(event) => onChange({ key: event.target.value })}
        onBlur={seal}
      />
      {!multiline && <Input compact {...valueProps} onChange={(event) => onChange({ value: event.target.value })} />}
      <IconButton
        label={`Remove ${row.key || "row"}`}
        size="sm"
        className="mt-0.5"
        disabled={readOnly}
        onClick={onRemove}
      >
        <X size={14} aria-hidden />
      </IconButton>
      {multiline && (
        <Textarea
          {...valueProps}
          className="col-span-2"
          rows={Math.min(12, Math.max(2, row.value.split("\n").length))}
          onChange={(event) => onChange({ value: event.target.value })}
        />
      )}
      {repeated && (
        <p className="col-span-full text-12 text-bad">
          Key <code className="font-mono">{row.key}</code> is listed twice; only the last one is used.
        </p>
      )}
    </div>
  );
}
