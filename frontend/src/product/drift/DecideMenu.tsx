import { ChevronDown } from "lucide-react";
import type { DriftChoice } from "@/api";
import { FIELD_CHOICES } from "@/model/fieldChoices";
import { Button, Menu } from "@/ui";

/** The three ways of one field that others have changed, with what each does. */
export function DecideMenu({
  path,
  busy,
  guarded,
  onDecide,
}: {
  path: string;
  busy: boolean;
  /** No run starts there without an approved plan. */
  guarded: boolean;
  onDecide: (choice: DriftChoice) => void;
}) {
  return (
    <Menu
      align="end"
      minWidth={300}
      trigger={
        <Button size="sm" tone="ghost" disabled={busy} aria-label={`Decide about ${path}`}>
          Decide
          <ChevronDown size={14} aria-hidden />
        </Button>
      }
      entries={(["take", "yield", "share"] as const).map((choice) => ({
        label: FIELD_CHOICES[choice].label,
        hint: FIELD_CHOICES[choice].effect,
        disabled: guarded && choice === "take",
        onSelect: () => onDecide(choice),
      }))}
    />
  );
}
