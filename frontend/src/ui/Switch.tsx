import { Switch as Radix } from "radix-ui";
import { useFieldProps } from "./Field";

export interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  /** Needed outside of a Field. */
  label?: string;
  disabled?: boolean;
}

export function Switch({ checked, onChange, label, disabled }: SwitchProps) {
  const field = useFieldProps();
  return (
    <Radix.Root
      {...field}
      aria-label={label}
      checked={checked}
      disabled={disabled}
      onCheckedChange={onChange}
      className="relative inline-flex h-4.5 w-8 shrink-0 items-center rounded-full bg-field transition-colors duration-100 disabled:opacity-50 data-[state=checked]:bg-accent"
    >
      <Radix.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-surface shadow-1 transition-transform duration-100 data-[state=checked]:translate-x-4" />
    </Radix.Root>
  );
}
