/** The controls of parameters with one plain value; none of them has a state of its own. */
import type { Parameter } from "@/model/catalog";
import { sayCron } from "@/model/cron";
import { effective, shortValue } from "@/model/form";
import type { Path } from "@/model/paths";
import { plainQuantity } from "@/model/quantity";
import { sameJson, type Json } from "@/model/records";
import { Field, Input, Select, Switch, Textarea, YamlEditor } from "@/ui";
import { useForm } from "./context";
import type { FrameProps } from "./Group";
import { NumberInput } from "./NumberInput";
import { numberOrText, placeholderOf, textOf } from "./values";

export interface ControlProps {
  readonly parameter: Parameter;
  readonly path: Path;
  readonly value: Json | undefined;
  readonly compact: boolean;
  readonly frame: FrameProps;
  /** `undefined` brings back the default. */
  readonly write: (value: Json | undefined) => void;
}

/** A switch that is not set is not off: without a default of ours, Kubernetes decides. */
export function BooleanControl({ parameter, value, frame, write }: ControlProps) {
  const { readOnly } = useForm();
  const isSet = value !== undefined && value !== null;
  const on = effective(parameter, value) === true;
  return (
    <Field {...frame}>
      <span className="flex h-8 items-center gap-2 text-12 text-muted">
        <Switch checked={on} disabled={readOnly} label={parameter.label} onChange={write} />
        <span>{isSet || parameter.default !== undefined ? (on ? "On" : "Off") : "Not set"}</span>
        {isSet && !readOnly && !parameter.required && (
          <button type="button" className="rounded hover:text-text hover:underline" onClick={() => write(undefined)}>
            Reset
          </button>
        )}
      </span>
    </Field>
  );
}

export function EnumControl({ parameter, value, frame, write }: ControlProps) {
  const { readOnly } = useForm();
  const options = (parameter.options ?? []).map((option, index) => ({
    value: String(index),
    label: option.label,
    json: option.value,
  }));
  const shown = effective(parameter, value);
  const chosen = options.find((option) => sameJson(option.json, shown));
  const optional = !parameter.required && parameter.default === undefined;
  const unset = optional && value !== undefined ? [{ value: "unset", label: "Not set" }] : [];
  const foreign = shown !== undefined && !chosen ? [{ value: "foreign", label: shortValue(shown), json: shown }] : [];
  return (
    <Field {...frame}>
      <Select
        value={(chosen ?? foreign[0])?.value}
        disabled={readOnly}
        placeholder={optional ? "Not set" : "Choose"}
        options={[...unset, ...foreign, ...options]}
        onChange={(next) => {
          const json = options[Number(next)]?.json;
          write(sameJson(json, parameter.default) && !parameter.required ? undefined : json);
        }}
      />
    </Field>
  );
}

export function NumberControl({ parameter, value, frame, write }: ControlProps) {
  const { readOnly, seal } = useForm();
  return (
    <Field {...frame}>
      <NumberInput
        value={value}
        placeholder={placeholderOf(parameter)}
        unit={parameter.unit ?? undefined}
        readOnly={readOnly}
        onChange={write}
        onBlur={seal}
      />
    </Field>
  );
}

export function NumberOrTextControl(props: ControlProps) {
  return <OneLine {...props} parse={numberOrText} />;
}

export function QuantityControl(props: ControlProps) {
  const text = textOf(props.value);
  const plain = text === "" ? null : plainQuantity(text);
  return <OneLine {...props} hint={plain && plain !== text ? plain : undefined} />;
}

export function StringControl(props: ControlProps) {
  const reading = props.parameter.format === "cron" ? sayCron(textOf(props.value)) : null;
  return <OneLine {...props} mono={!props.compact} aside={reading ?? undefined} />;
}

export function TextControl({ parameter, value, frame, write }: ControlProps) {
  const { readOnly, seal } = useForm();
  return (
    <Field {...frame}>
      <Textarea
        mono
        rows={4}
        value={textOf(value)}
        placeholder={placeholderOf(parameter)}
        readOnly={readOnly}
        onChange={(event) => write(event.target.value || undefined)}
        onBlur={seal}
      />
    </Field>
  );
}

export function YamlControl({ parameter, value, frame, write }: ControlProps) {
  const { readOnly } = useForm();
  return (
    <Field {...frame}>
      <YamlEditor
        className="h-72"
        label={parameter.label}
        value={textOf(value)}
        readOnly={readOnly}
        onChange={(next) => write(next || undefined)}
      />
    </Field>
  );
}

interface OneLineProps extends ControlProps {
  readonly mono?: boolean;
  readonly aside?: string;
  /** On hover. */
  readonly hint?: string;
  readonly parse?: (text: string) => Json | undefined;
}

function OneLine({ parameter, value, frame, write, mono = true, aside, hint, parse = textOrUnset }: OneLineProps) {
  const { readOnly, seal } = useForm();
  return (
    <Field {...frame} aside={aside}>
      <Input
        mono={mono}
        title={hint}
        value={textOf(value)}
        placeholder={placeholderOf(parameter)}
        unit={parameter.unit ?? undefined}
        readOnly={readOnly}
        onChange={(event) => write(parse(event.target.value))}
        onBlur={seal}
      />
    </Field>
  );
}

function textOrUnset(text: string): string | undefined {
  return text === "" ? undefined : text;
}
