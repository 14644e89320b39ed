import { LoaderCircle } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { Link, type LinkProps } from "react-router";
import { cx } from "./cx";
import { Tooltip } from "./Tooltip";

export type ButtonTone = "primary" | "secondary" | "ghost" | "danger" | "danger-ghost";
export type ButtonSize = "sm" | "md" | "lg";

const TONE: Record<ButtonTone, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover shadow-1 border border-transparent",
  secondary: "bg-surface text-text border border-line-strong hover:bg-hover shadow-1",
  ghost:
    "text-muted hover:text-text hover:bg-hover border border-transparent data-[state=open]:bg-hover data-[state=open]:text-text",
  danger: "bg-bad text-on-bad hover:opacity-90 border border-transparent",
  "danger-ghost": "text-bad hover:bg-bad-soft border border-transparent",
};
const SIZE: Record<ButtonSize, string> = {
  sm: "h-7 px-2.5 text-12 gap-1.5",
  md: "h-8 px-3 text-13 gap-2",
  lg: "h-9 px-4 text-14 gap-2",
};

function buttonClass(tone: ButtonTone, size: ButtonSize, className?: string): string {
  return cx(
    "inline-flex shrink-0 items-center justify-center rounded font-medium whitespace-nowrap select-none",
    "transition-colors duration-100 disabled:opacity-50 disabled:shadow-none",
    TONE[tone],
    SIZE[size],
    className,
  );
}

export interface ButtonProps extends ComponentProps<"button"> {
  tone?: ButtonTone;
  size?: ButtonSize;
  icon?: ReactNode;
  /** Waiting for the server: the label stays, a spinner takes the icon's place, a second click does nothing. */
  busy?: boolean;
}

export function Button({
  tone = "secondary",
  size = "md",
  icon,
  busy = false,
  className,
  children,
  disabled,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      className={buttonClass(tone, size, className)}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {busy ? <LoaderCircle size={14} className="animate-spin" aria-hidden /> : icon}
      {children}
    </button>
  );
}

export interface LinkButtonProps extends LinkProps {
  tone?: ButtonTone;
  size?: ButtonSize;
  icon?: ReactNode;
}

/** A link that looks like a button; opens in a new tab like any link. */
export function LinkButton({ tone = "secondary", size = "md", icon, className, children, ...rest }: LinkButtonProps) {
  return (
    <Link className={buttonClass(tone, size, className)} {...rest}>
      {icon}
      {children}
    </Link>
  );
}

export interface IconButtonProps extends Omit<ComponentProps<"button">, "aria-label"> {
  /** Read aloud and shown as tooltip. */
  label: string;
  shortcut?: string;
  size?: "sm" | "md";
  tone?: "ghost" | "danger-ghost" | "secondary";
  active?: boolean;
  busy?: boolean;
}

export function IconButton({
  label,
  shortcut,
  size = "md",
  tone = "ghost",
  active,
  busy,
  className,
  children,
  disabled,
  type = "button",
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={label} shortcut={shortcut}>
      <button
        type={type}
        aria-label={label}
        aria-pressed={active}
        disabled={disabled || busy}
        className={cx(
          "inline-flex shrink-0 items-center justify-center rounded transition-colors duration-100 disabled:opacity-40",
          size === "sm" ? "size-6" : "size-8",
          TONE[tone],
          active && "bg-accent-soft text-accent-text",
          className,
        )}
        {...rest}
      >
        {busy ? <LoaderCircle size={14} className="animate-spin" aria-hidden /> : children}
      </button>
    </Tooltip>
  );
}
