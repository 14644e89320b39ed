import { RadioGroup } from "radix-ui";
import { useId } from "react";
import { asProblem } from "@/api";
import type { Settings } from "@/contract";
import { explain } from "@/product";
import { Card, cx, ErrorState, SkeletonRows } from "@/ui";
import { useSaveSettings, useSettings } from "./queries";

const MODES: readonly { value: Settings["signup"]; label: string; help: string }[] = [
  { value: "invite", label: "Invite only", help: "A new account needs an invite from a team administrator." },
  {
    value: "open",
    label: "Open",
    help: "Anyone who can reach this page can create an account and gets a team of their own.",
  },
];

/** Who may register. */
export function AccessSection() {
  const settings = useSettings();
  const save = useSaveSettings();
  const id = useId();
  const problem = save.error ? asProblem(save.error) : null;
  if (settings.isPending) return <SkeletonRows rows={2} />;
  if (settings.error)
    return (
      <ErrorState
        title="Settings could not be loaded"
        {...explain(settings.error)}
        onRetry={() => void settings.refetch()}
      />
    );
  const current = save.isPending ? save.variables.signup : settings.data.signup;
  return (
    <Card title="Who may create an account">
      {problem && (
        <ErrorState
          inline
          className="mb-3"
          title="Not changed"
          reason={problem.besides([])}
          details={problem.describe()}
        />
      )}
      <RadioGroup.Root
        aria-label="Who may create an account"
        value={current}
        onValueChange={(signup) => save.mutate({ signup: signup as Settings["signup"] })}
        className="flex flex-col gap-2"
      >
        {MODES.map((mode) => (
          <label
            key={mode.value}
            htmlFor={`${id}-${mode.value}`}
            className={cx(
              "flex cursor-pointer items-start gap-3 rounded border px-3 py-2.5",
              current === mode.value ? "border-accent bg-accent-soft" : "border-line hover:bg-hover",
            )}
          >
            <RadioGroup.Item
              id={`${id}-${mode.value}`}
              value={mode.value}
              aria-describedby={`${id}-${mode.value}-help`}
              className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-field bg-surface data-[state=checked]:border-accent"
            >
              <RadioGroup.Indicator className="size-2 rounded-full bg-accent" />
            </RadioGroup.Item>
            <span>
              <span className="block text-13 font-medium">{mode.label}</span>
              <span id={`${id}-${mode.value}-help`} className="block text-12 text-muted">
                {mode.help}
              </span>
            </span>
          </label>
        ))}
      </RadioGroup.Root>
    </Card>
  );
}
