import { TriangleAlert } from "lucide-react";
import { memo, type ComponentType } from "react";
import type { Parameter } from "@/model/catalog";
import { errorKey } from "@/model/form";
import type { Path } from "@/model/paths";
import { ImageControl } from "../images/ImageControl";
import { SourceControl } from "../images/SourceControl";
import { useFocusTarget } from "../state/session";
import { useFieldError, useFieldWarning, useForm, type ParameterFieldProps } from "./context";
import * as controls from "./controls";
import type { ControlProps } from "./controls";
import { Group } from "./Group";
import { LinkedField } from "./LinkedField";
import { ListField } from "./ListField";
import { MapField } from "./MapField";
import { LeftHere, Owners } from "./Owners";
import { OptionalObject } from "./ObjectField";
import { isEmptyValue } from "./values";

/** One parameter of any type, as the catalog describes it. */
export const ParameterField = memo(function ParameterField(props: ParameterFieldProps) {
  const { parameter, path, value, links = [], onJump } = props;
  const focusTarget = useFocusTarget(`field:parameters.${errorKey(path)}`);
  return (
    <div ref={focusTarget} className="min-w-0 scroll-mt-16">
      {links.length > 0 && (isEmptyValue(value) || parameter.format === "image") ? (
        <LinkedField parameter={parameter} links={links} onJump={onJump} />
      ) : (
        <OwnField {...props} />
      )}
      <Warning path={path} />
      {path.length === 1 && (
        <>
          <LeftHere path={path} />
          <Owners path={path} />
        </>
      )}
    </div>
  );
});

function Warning({ path }: { path: Path }) {
  const warning = useFieldWarning(path);
  if (warning === undefined) return null;
  return (
    <p role="alert" className="mt-1.5 flex gap-1.5 text-12 text-warn">
      <TriangleAlert size={14} className="mt-px shrink-0" aria-hidden />
      <span className="min-w-0 break-words">{warning}</span>
    </p>
  );
}

const CONTROLS: Readonly<Record<Parameter["type"], ComponentType<ControlProps>>> = {
  boolean: controls.BooleanControl,
  enum: controls.EnumControl,
  int_or_percent: controls.NumberOrTextControl,
  integer: controls.NumberControl,
  list: ListControl,
  map: MapControl,
  number: controls.NumberControl,
  object: ObjectControl,
  port: controls.NumberControl,
  port_ref: controls.NumberOrTextControl,
  quantity: controls.QuantityControl,
  secret_keys: ListControl,
  string: controls.StringControl,
  text: controls.TextControl,
  yaml: controls.YamlControl,
};

const OF_FORMAT: Readonly<Record<string, ComponentType<ControlProps>>> = {
  image: ImageControl,
  source_name: SourceControl,
};

function OwnField({ parameter, path, value, compact = false }: ParameterFieldProps) {
  const { set, apiPath } = useForm();
  const where = apiPath(path);
  const error = useFieldError(parameter, path, value);
  // A server newer than this page may have a type that it does not know yet.
  const Control = OF_FORMAT[parameter.format ?? ""] ?? CONTROLS[parameter.type] ?? controls.StringControl;
  return (
    <Control
      parameter={parameter}
      path={path}
      value={value}
      compact={compact}
      write={(next) => set(path, next)}
      frame={{
        label: where ? <span title={where}>{parameter.label}</span> : parameter.label,
        help: compact ? undefined : (parameter.help ?? undefined),
        error,
        required: Boolean(parameter.required),
      }}
    />
  );
}

function ListControl({ frame, ...field }: ControlProps) {
  return (
    <Group {...frame}>
      <ListField {...field} />
    </Group>
  );
}

function MapControl({ frame, ...field }: ControlProps) {
  return (
    <Group {...frame}>
      <MapField {...field} />
    </Group>
  );
}

function ObjectControl({ frame, ...field }: ControlProps) {
  return (
    <Group {...frame}>
      <OptionalObject {...field} />
    </Group>
  );
}
