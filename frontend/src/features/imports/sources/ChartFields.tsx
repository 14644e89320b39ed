import { useState } from "react";
import { useClusters } from "@/product";
import { Checkbox, cx, Field, Input, Select, YamlEditor, type YamlMark } from "@/ui";

export interface ChartSettings {
  readonly values: string;
  readonly value_files: readonly string[];
  readonly release: string;
  readonly namespace: string;
  readonly cluster: string | null;
}

export const NO_SETTINGS: ChartSettings = { values: "", value_files: [], release: "", namespace: "", cluster: null };

/** As the server takes them: what is empty is left out. */
export function askedOf(settings: ChartSettings): {
  values: string;
  value_files: string[];
  release?: string;
  namespace?: string;
  cluster?: string;
} {
  return {
    values: settings.values,
    value_files: [...settings.value_files],
    ...(settings.release.trim() ? { release: settings.release.trim() } : {}),
    ...(settings.namespace.trim() ? { namespace: settings.namespace.trim() } : {}),
    ...(settings.cluster ? { cluster: settings.cluster } : {}),
  };
}

interface ChartFieldsProps {
  readonly settings: ChartSettings;
  readonly onChange: (settings: ChartSettings) => void;
  /** The files of values that the chart brings, values.yaml first. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** The name a release gets without one. */
  readonly chart: string;
  readonly error: (field: string) => string | undefined;
  readonly marks?: readonly YamlMark[];
  /** Beside each other where there is room for two editors. */
  readonly wide?: boolean;
}

/** How a chart is rendered: values over its own, and what it is told of its release. */
export function ChartFields({ settings, onChange, files, chart, error, marks, wide }: ChartFieldsProps) {
  const clusters = useClusters().clusters ?? [];
  const [shown, setShown] = useState("values.yaml");
  const set = (change: Partial<ChartSettings>): void => onChange({ ...settings, ...change });
  const others = files.filter(({ path }) => path !== "values.yaml");
  const open = files.find(({ path }) => path === shown) ?? files[0];
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-3">
        <Field label="Release" help="Objects are named after it." error={error("release")}>
          <Input
            mono
            value={settings.release}
            maxLength={53}
            placeholder={chart}
            onChange={(event) => set({ release: event.target.value })}
          />
        </Field>
        <Field label="Namespace" help="That the workflow will run in." error={error("namespace")}>
          <Input
            mono
            value={settings.namespace}
            maxLength={63}
            placeholder="default"
            onChange={(event) => set({ namespace: event.target.value })}
          />
        </Field>
        <Field label="For cluster" help="Its version and APIs decide what is rendered." error={error("cluster")}>
          <Select
            value={settings.cluster ?? ""}
            onChange={(cluster) => set({ cluster: cluster === "" ? null : cluster })}
            options={[
              { value: "", label: "Any" },
              ...clusters.map(({ id, name, version }) => ({ value: id, label: name, hint: version ?? undefined })),
            ]}
          />
        </Field>
      </div>
      {others.length > 0 && (
        <Field label="Files of values" help="They count over values.yaml, in this order; your values count over them.">
          <div className="flex flex-wrap gap-x-4 gap-y-1">
            {others.map(({ path }) => (
              <Checkbox
                key={path}
                checked={settings.value_files.includes(path)}
                onChange={(on) =>
                  set({
                    value_files: on
                      ? [...settings.value_files, path]
                      : settings.value_files.filter((one) => one !== path),
                  })
                }
                label={<span className="font-mono text-12">{path}</span>}
              />
            ))}
          </div>
        </Field>
      )}
      <div className={cx("grid gap-4", wide && "lg:grid-cols-2")}>
        <Field label="Your values" help="Only what is to differ. They are kept sealed." error={error("values")}>
          <YamlEditor
            label="Your values"
            value={settings.values}
            onChange={(values) => set({ values })}
            marks={marks}
            className="h-72"
          />
        </Field>
        {open && (
          <Field
            label="Of the chart"
            aside={
              files.length > 1 && (
                <Select
                  compact
                  label="File of values"
                  value={open.path}
                  onChange={setShown}
                  options={files.map(({ path }) => ({ value: path, label: path }))}
                />
              )
            }
          >
            <YamlEditor label={`${open.path} of the chart`} value={open.text} readOnly className="h-72" />
          </Field>
        )}
      </div>
    </>
  );
}
