import { Workflow } from "lucide-react";
import { cx } from "@/ui";

/** The glyph of what adds several nodes at once. */
export function RecipeMark({ className }: { className?: string }) {
  return <Workflow size={16} strokeWidth={1.5} aria-hidden className={cx("shrink-0 text-muted", className)} />;
}
