import type { ReactNode } from "react";
import { Segmented } from "@/ui";

export type ObjectsFate = "keep" | "destroy";

/** What becomes of the objects in clusters when what owns them is removed. */
export function ObjectsChoice({
  label,
  value,
  onChange,
  children,
}: {
  label: string;
  value: ObjectsFate;
  onChange: (value: ObjectsFate) => void;
  /** What to ask besides. */
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <span className="text-13">{label}</span>
        <Segmented
          label={label}
          value={value}
          onChange={onChange}
          options={[
            { value: "keep", label: "Keep objects" },
            { value: "destroy", label: "Delete objects" },
          ]}
        />
      </div>
      {children}
    </div>
  );
}
