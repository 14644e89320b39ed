import { Search, X } from "lucide-react";
import type { ComponentProps } from "react";
import { CONTROL } from "./control";
import { cx } from "./cx";

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
          aria-label="Clear search"
          className="absolute right-1 flex size-6 items-center justify-center rounded text-muted hover:text-text"
          onClick={() => onChange("")}
        >
          <X size={14} aria-hidden />
        </button>
      )}
    </span>
  );
}
