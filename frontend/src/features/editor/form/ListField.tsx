import { ArrowDown, ArrowUp, ChevronRight, Plus, X } from "lucide-react";
import { useState } from "react";
import type { Parameter } from "@/model/catalog";
import { blankValue, countBelow, shortValue } from "@/model/form";
import { isObject, type Path } from "@/model/paths";
import type { Json } from "@/model/records";
import { Button, cx, IconButton, Input, Tag } from "@/ui";
import { useForm } from "./context";
import { singular } from "./MapField";
import { NumberInput } from "./NumberInput";
import { ObjectField, ParameterField } from "./ParameterField";

/** A list of anything: plain values as rows, objects as cards that fold. */
export function ListField({ parameter, path, value }: { parameter: Parameter; path: Path; value: readonly Json[] }) {
  const { set, readOnly } = useForm();
  const item: Parameter = parameter.item ?? { name: "", type: "string", label: singular(parameter.label) };
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const change = (next: readonly Json[]): void =>
    set(path, next.length === 0 && parameter.default === undefined ? undefined : [...next]);
  const removeAt = (index: number): void => change(value.filter((_, other) => other !== index));
  const swap = (a: number, b: number): void =>
    change(value.map((row, index) => (index === a ? (value[b] as Json) : index === b ? (value[a] as Json) : row)));
  const toggle = (index: number): void => {
    const next = new Set(open);
    if (!next.delete(index)) next.add(index);
    setOpen(next);
  };
  const word = singular(item.label || parameter.label);
  return (
    <div className="flex flex-col gap-1.5">
      {value.map((row, index) =>
        item.type === "object" ? (
          <ObjectRow
            key={index}
            item={item}
            path={[...path, index]}
            value={isObject(row) ? row : {}}
            title={titleOf(item, row) || `${word} ${index + 1}`}
            open={open.has(index)}
            onToggle={() => toggle(index)}
            onRemove={readOnly ? null : () => removeAt(index)}
            onUp={readOnly || index === 0 ? null : () => swap(index, index - 1)}
            onDown={readOnly || index === value.length - 1 ? null : () => swap(index, index + 1)}
          />
        ) : (
          <PlainRow
            key={index}
            item={item}
            path={[...path, index]}
            value={row}
            onRemove={() => removeAt(index)}
            onNext={() => change([...value.slice(0, index + 1), blankValue(item), ...value.slice(index + 1)])}
          />
        ),
      )}
      {!readOnly && (
        <Button
          size="sm"
          tone="ghost"
          className="self-start"
          icon={<Plus size={14} aria-hidden />}
          onClick={() => {
            setOpen(new Set([...open, value.length]));
            change([...value, blankValue(item)]);
          }}
        >
          Add {word}
        </Button>
      )}
    </div>
  );
}

interface ObjectRowProps {
  readonly item: Parameter;
  readonly path: Path;
  readonly value: { [key: string]: Json };
  readonly title: string;
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly onRemove: (() => void) | null;
  readonly onUp: (() => void) | null;
  readonly onDown: (() => void) | null;
}

function ObjectRow({ item, path, value, title, open, onToggle, onRemove, onUp, onDown }: ObjectRowProps) {
  const { errors } = useForm();
  const wrong = countBelow(errors, path);
  return (
    <div className={cx("rounded border bg-surface", wrong > 0 ? "border-bad/50" : "border-line")}>
      <div className="flex h-8 items-center pr-1">
        <button
          type="button"
          aria-expanded={open}
          onClick={onToggle}
          className="flex h-full min-w-0 flex-1 items-center gap-1.5 rounded px-2 text-left hover:bg-hover"
        >
          <ChevronRight
            size={14}
            aria-hidden
            className={cx("shrink-0 text-muted transition-transform duration-100", open && "rotate-90")}
          />
          <span className="min-w-0 truncate font-mono text-12">{title}</span>
          {wrong > 0 && <Tag tone="bad">{wrong}</Tag>}
        </button>
        {onUp && (
          <IconButton label={`Move ${title} up`} size="sm" onClick={onUp}>
            <ArrowUp size={12} aria-hidden />
          </IconButton>
        )}
        {onDown && (
          <IconButton label={`Move ${title} down`} size="sm" onClick={onDown}>
            <ArrowDown size={12} aria-hidden />
          </IconButton>
        )}
        {onRemove && (
          <IconButton label={`Remove ${title}`} size="sm" onClick={onRemove}>
            <X size={14} aria-hidden />
          </IconButton>
        )}
      </div>
      {open && (
        <div className="border-t border-line p-2.5">
          <ObjectField parameter={item} path={path} value={value} compact />
        </div>
      )}
    </div>
  );
}

interface PlainRowProps {
  readonly item: Parameter;
  readonly path: Path;
  readonly value: Json;
  readonly onRemove: () => void;
  readonly onNext: () => void;
}

function PlainRow({ item, path, value, onRemove, onNext }: PlainRowProps) {
  const { set, seal, readOnly, errors } = useForm();
  const error = errors.get(path.join("."))?.[0];
  const index = Number(path.at(-1)) + 1;
  const plain = item.type === "string";
  if (!plain && item.type !== "integer" && item.type !== "port" && item.type !== "number") {
    return (
      <div className="flex items-start gap-1.5">
        <div className="min-w-0 flex-1">
          <ParameterField parameter={item} path={path} value={value} compact />
        </div>
        {!readOnly && (
          <IconButton label={`Remove row ${index}`} size="sm" onClick={onRemove}>
            <X size={14} aria-hidden />
          </IconButton>
        )}
      </div>
    );
  }
  return (
    <div>
      <div className="flex items-center gap-1.5">
        {plain ? (
          <Input
            compact
            mono
            aria-label={`${item.label || "Row"} ${index}`}
            aria-invalid={error ? true : undefined}
            placeholder={item.placeholder ?? undefined}
            value={typeof value === "string" ? value : shortValue(value)}
            readOnly={readOnly}
            onChange={(event) => set(path, event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !readOnly) onNext();
            }}
            onBlur={seal}
          />
        ) : (
          <NumberInput value={value} readOnly={readOnly} onChange={(next) => set(path, next ?? null)} onBlur={seal} />
        )}
        {!readOnly && (
          <IconButton label={`Remove row ${index}`} size="sm" onClick={onRemove}>
            <X size={14} aria-hidden />
          </IconButton>
        )}
      </div>
      {error && <p className="mt-1 text-12 text-bad">{error}</p>}
    </div>
  );
}

/** What a folded card is called: its name, else its first telling values. */
function titleOf(item: Parameter, row: Json): string {
  if (!isObject(row)) return "";
  const shown = (item.fields ?? [])
    .filter(
      (field) => field.type !== "object" && field.type !== "list" && field.type !== "map" && field.type !== "boolean",
    )
    .map((field) => shortValue(row[field.name]))
    .filter((text) => text !== "" && text.length < 60);
  return shown.slice(0, 3).join(" · ");
}
