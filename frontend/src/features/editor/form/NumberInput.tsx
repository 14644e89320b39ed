import { useState } from "react";
import type { Json } from "@/model/records";
import { Input } from "@/ui";

interface NumberInputProps {
  readonly value: Json | undefined;
  readonly placeholder?: string;
  readonly unit?: string;
  readonly readOnly: boolean;
  readonly onChange: (value: Json | undefined) => void;
  readonly onBlur: () => void;
}

/** Typed as text, stored as a number. Text that is not a number stays as typed, with an error, and never becomes NaN. */
export function NumberInput({ value, placeholder, unit, readOnly, onChange, onBlur }: NumberInputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (value === undefined || value === null ? "" : String(value));
  return (
    <Input
      mono
      inputMode="numeric"
      className="tnum"
      value={shown}
      placeholder={placeholder}
      unit={unit}
      readOnly={readOnly}
      onChange={(event) => {
        const text = event.target.value.trim();
        setTyped(event.target.value);
        if (text === "") onChange(undefined);
        else if (/^-?\d+(\.\d+)?$/.test(text) && Number.isFinite(Number(text))) onChange(Number(text));
        // A variable (`${REPLICAS}`) may stand for a number; the server names the field if the text is neither.
        else onChange(text);
      }}
      onKeyDown={(event) => {
        const step = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
        const base = shown === "" ? Number(placeholder) : Number(shown);
        if (step === 0 || readOnly || !Number.isInteger(base)) return;
        event.preventDefault();
        setTyped(null);
        onChange(Math.max(0, base + step * (event.shiftKey ? 10 : 1)));
      }}
      onBlur={() => {
        setTyped(null);
        onBlur();
      }}
    />
  );
}
