import { ArrowUpRight, Plus, X } from "lucide-react";
import { memo, type ReactNode } from "react";
import type { Parameter } from "@/model/catalog";
import { effective, errorKey, isVisible, shortValue, type Link } from "@/model/form";
import { isObject, type Path } from "@/model/paths";
import { plainQuantity } from "@/model/quantity";
import { sameJson, type Json } from "@/model/records";
import { Button, Field, Input, Select, Switch, Textarea, YamlEditor } from "@/ui";
import { useFieldError, useForm } from "./context";
import { ListField } from "./ListField";
import { MapField } from "./MapField";
import { NumberInput } from "./NumberInput";

export interface ParameterFieldProps {
  readonly parameter: Parameter;
  readonly path: Path;
  /** What stands in the document; undefined where the default counts. */
  readonly value: Json | undefined;
  readonly links?: readonly Link[];
  readonly onJump?: (link: Link) => void;
  /** In a row of a list: no help, smaller. */
  readonly compact?: boolean;
}

/** One parameter of any type, as the catalog describes it. */
export const ParameterField = memo(function ParameterField(props: ParameterFieldProps) {
  const { parameter, path, value, links = [], onJump } = props;
  const linked = links[0];
  return (
    <div data-field={errorKey(path)} className="min-w-0 scroll-mt-16">
      {linked && (value === undefined || isEmptyValue(value)) ? (
        <LinkedField parameter={parameter} links={links} onJump={onJump} />
      ) : (
        <OwnField {...props} />
      )}
    </div>
  );
});

function OwnField(props: ParameterFieldProps) {
  const { parameter, path, value, compact } = props;
  const { set, seal, readOnly } = useForm();
  const error = useFieldError(parameter, path, value);
  const write = (next: Json | undefined): void => set(path, next);
  const frame = {
    label: parameter.label,
    help: compact ? undefined : (parameter.help ?? undefined),
    error,
    required: Boolean(parameter.required),
  };
  const placeholder = placeholderOf(parameter);
  const text = typeof value === "string" ? value : value === undefined || value === null ? "" : shortValue(value);
  switch (parameter.type) {
    case "boolean": {
      const on = effective(parameter, value) === true;
      return (
        <Field {...frame}>
          <span className="flex h-8 items-center gap-2">
            <Switch checked={on} disabled={readOnly} label={parameter.label} onChange={(next) => write(next)} />
            <span className="text-12 text-muted">{on ? "On" : "Off"}</span>
          </span>
        </Field>
      );
    }
    case "enum": {
      const options = (parameter.options ?? []).map((option, index) => ({
        value: String(index),
        label: option.label,
        json: option.value,
      }));
      const shown = effective(parameter, value);
      const chosen = options.find((option) => sameJson(option.json, shown));
      const optional = !parameter.required && parameter.default === undefined;
      const foreign =
        shown !== undefined && !chosen ? [{ value: "foreign", label: shortValue(shown), json: shown }] : [];
      return (
        <Field {...frame}>
          <Select
            value={(chosen ?? foreign[0])?.value}
            disabled={readOnly}
            placeholder={optional ? "Not set" : "Choose"}
            options={[
              ...(optional && value !== undefined ? [{ value: "unset", label: "Not set" }] : []),
              ...foreign,
              ...options,
            ]}
            onChange={(next) => {
              const json = options[Number(next)]?.json;
              write(sameJson(json, parameter.default) && !parameter.required ? undefined : json);
            }}
          />
        </Field>
      );
    }
    case "integer":
    case "number":
    case "port":
      return (
        <Field {...frame}>
          <NumberInput
            value={value}
            placeholder={placeholder}
            unit={parameter.unit ?? undefined}
            readOnly={readOnly}
            onChange={write}
            onBlur={seal}
          />
        </Field>
      );
    case "port_ref":
    case "int_or_percent":
      return (
        <Field {...frame}>
          <Input
            mono
            value={text}
            placeholder={placeholder}
            unit={parameter.unit ?? undefined}
            readOnly={readOnly}
            onChange={(event) => write(numberOrText(event.target.value))}
            onBlur={seal}
          />
        </Field>
      );
    case "quantity": {
      const plain = text === "" ? null : plainQuantity(text);
      return (
        <Field {...frame} aside={plain && plain !== text ? plain : undefined}>
          <Input
            mono
            value={text}
            placeholder={placeholder}
            unit={parameter.unit ?? undefined}
            readOnly={readOnly}
            onChange={(event) => write(event.target.value || undefined)}
            onBlur={seal}
          />
        </Field>
      );
    }
    case "text":
      return (
        <Field {...frame}>
          <Textarea
            mono
            rows={4}
            value={text}
            placeholder={placeholder}
            readOnly={readOnly}
            onChange={(event) => write(event.target.value || undefined)}
            onBlur={seal}
          />
        </Field>
      );
    case "yaml":
      return (
        <Field {...frame}>
          <YamlEditor
            className="h-72"
            label={parameter.label}
            value={text}
            readOnly={readOnly}
            onChange={(next) => write(next || undefined)}
          />
        </Field>
      );
    case "map":
      return (
        <Group {...frame}>
          <MapField
            parameter={parameter}
            path={path}
            value={isObject(value) ? value : isObject(parameter.default) ? parameter.default : {}}
          />
        </Group>
      );
    case "secret_keys":
    case "list":
      return (
        <Group {...frame}>
          <ListField parameter={parameter} path={path} value={listOf(value ?? parameter.default)} />
        </Group>
      );
    case "object":
      return (
        <Group {...frame}>
          <OptionalObject
            parameter={parameter}
            path={path}
            value={isObject(value) ? value : undefined}
            compact={compact}
          />
        </Group>
      );
    default:
      return (
        <Field {...frame}>
          <Input
            mono={!compact || parameter.type !== "string"}
            value={text}
            placeholder={placeholder}
            unit={parameter.unit ?? undefined}
            readOnly={readOnly}
            onChange={(event) => write(event.target.value === "" ? undefined : event.target.value)}
            onBlur={seal}
          />
        </Field>
      );
  }
}

/** A value that an edge fills in at render: read-only, with the way to the edge. */
function LinkedField({
  parameter,
  links,
  onJump,
}: {
  parameter: Parameter;
  links: readonly Link[];
  onJump?: (link: Link) => void;
}) {
  return (
    <Group label={parameter.label} help={parameter.help ?? undefined} required={false}>
      <ul className="flex flex-col gap-1">
        {links.map((link) => (
          <li
            key={link.edgeId}
            className="flex h-8 min-w-0 items-center gap-2 rounded border border-dashed border-line-strong bg-sunken px-2.5 text-12"
          >
            <span className="min-w-0 flex-1 truncate">
              <span className="text-muted">from edge: {link.phrase} </span>
              <span className="font-mono">{link.nodeName}</span>
            </span>
            <button
              type="button"
              className="flex shrink-0 items-center gap-0.5 rounded text-accent-text hover:underline"
              onClick={() => onJump?.(link)}
            >
              Show
              <ArrowUpRight size={12} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
    </Group>
  );
}

/** An object that means something by being there at all (a probe) is added and taken away; others just show their fields. */
function OptionalObject({
  parameter,
  path,
  value,
  compact,
}: {
  parameter: Parameter;
  path: Path;
  value: { [key: string]: Json } | undefined;
  compact?: boolean;
}) {
  const { set, readOnly } = useForm();
  const meansSomething =
    !parameter.required &&
    (parameter.fields ?? []).some((field) => field.required || (field.default !== undefined && field.type === "enum"));
  if (!meansSomething) return <ObjectField parameter={parameter} path={path} value={value ?? {}} compact={compact} />;
  if (value === undefined) {
    return readOnly ? (
      <p className="text-12 text-muted">None.</p>
    ) : (
      <Button
        size="sm"
        tone="ghost"
        className="self-start"
        icon={<Plus size={14} aria-hidden />}
        onClick={() => set(path, {})}
      >
        Add {parameter.label.toLowerCase()}
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
          Remove {parameter.label.toLowerCase()}
        </Button>
      )}
    </div>
  );
}

export function ObjectField({
  parameter,
  path,
  value,
  compact,
}: {
  parameter: Parameter;
  path: Path;
  value: { [key: string]: Json };
  compact?: boolean;
}) {
  const fields = (parameter.fields ?? []).filter((field) => isVisible(field, parameter.fields ?? [], value));
  const small = fields.length > 1 && fields.every((field) => SHORT.has(field.type));
  return (
    <div
      className={
        compact
          ? "grid grid-cols-2 gap-x-2 gap-y-2"
          : small
            ? "grid grid-cols-2 gap-x-3 gap-y-3"
            : "flex flex-col gap-3 border-l-2 border-line pl-3"
      }
    >
      {fields.map((field) => (
        <div key={field.name} className={SHORT.has(field.type) ? "min-w-0" : "col-span-2 min-w-0"}>
          <ParameterField parameter={field} path={[...path, field.name]} value={value[field.name]} compact={compact} />
        </div>
      ))}
    </div>
  );
}

const SHORT = new Set([
  "integer",
  "number",
  "port",
  "port_ref",
  "int_or_percent",
  "quantity",
  "enum",
  "boolean",
  "string",
]);

/** The frame of what holds more than one control: a legend instead of a label. */
function Group({
  label,
  help,
  error,
  required,
  children,
}: {
  label: ReactNode;
  help?: ReactNode;
  error?: ReactNode;
  required: boolean;
  children: ReactNode;
}) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5">
      {label && (
        <legend className="mb-1.5 text-12 font-medium">
          {label}
          {required && (
            <span className="ml-0.5 text-bad" aria-hidden title="Required">
              *
            </span>
          )}
        </legend>
      )}
      {children}
      {error && (
        <p role="alert" className="text-12 break-words text-bad">
          {error}
        </p>
      )}
      {help && <p className="text-12 text-muted">{help}</p>}
    </fieldset>
  );
}

function placeholderOf(parameter: Parameter): string | undefined {
  if (parameter.default !== undefined && parameter.default !== null && parameter.default !== "")
    return shortValue(parameter.default);
  if (parameter.placeholder) return parameter.placeholder;
  return parameter.example === undefined || parameter.example === null
    ? undefined
    : `e.g. ${shortValue(parameter.example)}`;
}

/** A port by number or by name, a count or a share: digits are a number. */
function numberOrText(text: string): Json | undefined {
  if (text === "") return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function isEmptyValue(value: Json): boolean {
  return (
    value === null ||
    value === "" ||
    (Array.isArray(value) && value.length === 0) ||
    (isObject(value) && Object.keys(value).length === 0)
  );
}
