import { Check, ChevronDown, Eye, EyeOff, Minus, Search, X } from "lucide-react";
import { Checkbox as RadixCheckbox, Select as RadixSelect, Switch as RadixSwitch } from "radix-ui";
import { useId, useState, type ComponentProps, type ReactNode } from "react";
import { cx } from "./cx";
import { useFieldProps } from "./Field";

/** Full width unless the caller names a width. */
const wide = (className?: string) => (/(^|\s)w-/.test(className ?? "") ? "" : "w-full");
const READ_ONLY = "read-only:bg-sunken";
const CONTROL =
  "min-w-0 rounded border border-line-strong bg-surface text-13 text-text transition-colors duration-100 " +
  "hover:border-faint focus-visible:border-accent focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:outline-accent/40 " +
  "aria-invalid:border-bad disabled:bg-sunken disabled:text-muted [&:is(input,textarea):read-only]:bg-sunken";

export interface InputProps extends Omit<ComponentProps<"input">, "size" | "prefix"> {
  /** Names of objects, quantities, images: JetBrains Mono. */
  mono?: boolean;
  /** Inside, right: a unit. */
  unit?: ReactNode;
  /** Inside, left: an icon. */
  leading?: ReactNode;
  compact?: boolean;
}

export function Input({ mono, unit, leading, compact, className, ...rest }: InputProps) {
  const field = useFieldProps();
  const input = (
    <input
      spellCheck={false}
      autoComplete="off"
      className={cx(
        CONTROL,
        READ_ONLY,
        unit || leading ? "w-full" : wide(className),
        compact ? "h-7 px-2" : "h-8 px-2.5",
        mono && "font-mono text-12",
        unit && "pr-10",
        leading && "pl-8",
        !unit && !leading && className,
      )}
      {...field}
      {...rest}
    />
  );
  if (!unit && !leading) return input;
  return (
    <span className={cx("relative flex min-w-0 items-center", className)}>
      {leading && <span className="pointer-events-none absolute left-2.5 text-faint">{leading}</span>}
      {input}
      {unit && <span className="pointer-events-none absolute right-2.5 text-12 text-muted">{unit}</span>}
    </span>
  );
}

export function PasswordInput({ className, ...rest }: Omit<InputProps, "type" | "unit">) {
  const [shown, setShown] = useState(false);
  const field = useFieldProps();
  return (
    <span className={cx("relative flex items-center", className)}>
      <input
        type={shown ? "text" : "password"}
        spellCheck={false}
        className={cx(CONTROL, READ_ONLY, "h-8 w-full pr-9 pl-2.5")}
        {...field}
        {...rest}
      />
      <button
        type="button"
        aria-label={shown ? "Hide the password" : "Show the password"}
        className="absolute right-1 flex size-6 items-center justify-center rounded text-muted hover:text-text"
        onClick={() => setShown(!shown)}
      >
        {shown ? <EyeOff size={14} aria-hidden /> : <Eye size={14} aria-hidden />}
      </button>
    </span>
  );
}

export interface SearchInputProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  placeholder?: string;
  className?: string;
  inputRef?: ComponentProps<"input">["ref"];
}

export function SearchInput({ value, onChange, label, placeholder, className, inputRef }: SearchInputProps) {
  return (
    <span className={cx("relative flex items-center", className)}>
      <Search size={14} className="pointer-events-none absolute left-2.5 text-faint" aria-hidden />
      <input
        ref={inputRef}
        type="text"
        role="searchbox"
        aria-label={label}
        placeholder={placeholder ?? label}
        value={value}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && value) {
            event.stopPropagation();
            onChange("");
          }
        }}
        className={cx(CONTROL, "h-8 w-full pr-8 pl-8")}
      />
      {value && (
        <button
          type="button"
          aria-label="Clear the search"
          className="absolute right-1 flex size-6 items-center justify-center rounded text-muted hover:text-text"
          onClick={() => onChange("")}
        >
          <X size={14} aria-hidden />
        </button>
      )}
    </span>
  );
}

export interface TextareaProps extends ComponentProps<"textarea"> {
  mono?: boolean;
}

export function Textarea({ mono, className, rows = 4, ...rest }: TextareaProps) {
  const field = useFieldProps();
  return (
    <textarea
      rows={rows}
      spellCheck={false}
      className={cx(
        CONTROL,
        READ_ONLY,
        wide(className),
        "resize-y px-2.5 py-1.5",
        mono && "font-mono text-12",
        className,
      )}
      {...field}
      {...rest}
    />
  );
}

export interface SelectOption<T extends string = string> {
  value: T;
  label: ReactNode;
  hint?: ReactNode;
  icon?: ReactNode;
  disabled?: boolean;
}
export interface SelectProps<T extends string = string> {
  value: T | undefined;
  onChange: (value: T) => void;
  options: readonly SelectOption<T>[];
  placeholder?: string;
  /** Needed outside of a Field. */
  label?: string;
  disabled?: boolean;
  compact?: boolean;
  className?: string;
}

/** Radix refuses "" as a value, our forms do not: it is carried as this mark. */
const EMPTY = "\u0000";

export function Select<T extends string = string>({
  value,
  onChange,
  options,
  placeholder = "Choose",
  label,
  disabled,
  compact,
  className,
}: SelectProps<T>) {
  const field = useFieldProps();
  return (
    <RadixSelect.Root
      value={value === "" ? EMPTY : value}
      onValueChange={(next) => onChange((next === EMPTY ? "" : next) as T)}
      disabled={disabled}
    >
      <RadixSelect.Trigger
        {...field}
        aria-label={label}
        className={cx(
          CONTROL,
          wide(className),
          "flex shrink-0 items-center justify-between gap-2 text-left data-placeholder:text-faint",
          compact ? "h-7 px-2" : "h-8 px-2.5",
          className,
        )}
      >
        <span className="min-w-0 truncate">
          <RadixSelect.Value placeholder={placeholder} />
        </span>
        <ChevronDown size={14} className="shrink-0 text-muted" aria-hidden />
      </RadixSelect.Trigger>
      <RadixSelect.Portal>
        <RadixSelect.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="animate-pop z-60 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) overflow-hidden rounded-card border border-line bg-raised p-1 shadow-3"
        >
          <RadixSelect.Viewport>
            {options.map((option) => (
              <RadixSelect.Item
                key={option.value}
                value={option.value === "" ? EMPTY : option.value}
                disabled={option.disabled}
                className="relative flex min-h-8 items-center gap-2 rounded py-1 pr-8 pl-2 text-13 outline-none select-none data-disabled:opacity-50 data-highlighted:bg-hover"
              >
                {option.icon}
                <span className="min-w-0">
                  <RadixSelect.ItemText>{option.label}</RadixSelect.ItemText>
                  {option.hint && <span className="block text-12 text-muted">{option.hint}</span>}
                </span>
                <RadixSelect.ItemIndicator className="absolute right-2 text-accent-text">
                  <Check size={14} aria-hidden />
                </RadixSelect.ItemIndicator>
              </RadixSelect.Item>
            ))}
          </RadixSelect.Viewport>
        </RadixSelect.Content>
      </RadixSelect.Portal>
    </RadixSelect.Root>
  );
}

export interface CheckboxProps {
  checked: boolean | "indeterminate";
  onChange: (checked: boolean) => void;
  label: ReactNode;
  help?: ReactNode;
  /** The label is read aloud and not shown. */
  hideLabel?: boolean;
  disabled?: boolean;
}

export function Checkbox({ checked, onChange, label, help, hideLabel, disabled }: CheckboxProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-2">
      <RadixCheckbox.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(next) => onChange(next === true)}
        aria-describedby={help ? `${id}-help` : undefined}
        className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-sm border border-line-strong bg-surface hover:border-faint disabled:opacity-50 data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=checked]:text-on-accent data-[state=indeterminate]:border-accent data-[state=indeterminate]:bg-accent data-[state=indeterminate]:text-on-accent"
      >
        <RadixCheckbox.Indicator>
          {checked === "indeterminate" ? (
            <Minus size={12} strokeWidth={3} aria-hidden />
          ) : (
            <Check size={12} strokeWidth={3} aria-hidden />
          )}
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <div className={cx("min-w-0", hideLabel && "sr-only")}>
        <label htmlFor={id} className="block text-13">
          {label}
        </label>
        {help && (
          <p id={`${id}-help`} className="text-12 text-muted">
            {help}
          </p>
        )}
      </div>
    </div>
  );
}

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
    <RadixSwitch.Root
      {...field}
      aria-label={label}
      checked={checked}
      disabled={disabled}
      onCheckedChange={onChange}
      className="relative inline-flex h-4.5 w-8 shrink-0 items-center rounded-full bg-line-strong transition-colors duration-100 disabled:opacity-50 data-[state=checked]:bg-accent"
    >
      <RadixSwitch.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-surface shadow-1 transition-transform duration-100 data-[state=checked]:translate-x-4" />
    </RadixSwitch.Root>
  );
}

export interface SegmentedProps<T extends string> {
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; label: ReactNode; count?: number }[];
  label: string;
  size?: "sm" | "md";
}

/** A few choices side by side, one taken. */
export function Segmented<T extends string>({ value, onChange, options, label, size = "md" }: SegmentedProps<T>) {
  return (
    <div role="radiogroup" aria-label={label} className="inline-flex rounded border border-line bg-sunken p-0.5">
      {options.map((option) => {
        const taken = option.value === value;
        return (
          <button
            key={option.value}
            type="button"
            role="radio"
            aria-checked={taken}
            tabIndex={taken ? 0 : -1}
            onClick={() => onChange(option.value)}
            onKeyDown={(event) => {
              const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
              if (!step) return;
              event.preventDefault();
              const at = options.findIndex((each) => each.value === value);
              const next = options[(at + step + options.length) % options.length];
              const siblings = event.currentTarget.parentElement?.children;
              if (next) onChange(next.value);
              (siblings?.[(at + step + options.length) % options.length] as HTMLElement | undefined)?.focus();
            }}
            className={cx(
              "inline-flex items-center gap-1.5 rounded-sm px-2.5 font-medium transition-colors duration-100",
              size === "sm" ? "h-6 text-12" : "h-6.5 text-12",
              taken ? "bg-surface text-text shadow-1" : "text-muted hover:text-text",
            )}
          >
            {option.label}
            {option.count !== undefined && <span className="tnum text-faint">{option.count}</span>}
          </button>
        );
      })}
    </div>
  );
}
