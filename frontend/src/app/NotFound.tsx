import { Compass } from "lucide-react";
import { EmptyState, LinkButton, useCrumbs } from "@/ui";

export function NotFound() {
  useCrumbs({ label: "Not found" });
  return (
    <EmptyState
      page
      icon={<Compass size={20} strokeWidth={1.5} aria-hidden />}
      title="There is no page at this address"
      action={<LinkButton to="/workflows">Go to workflows</LinkButton>}
    >
      The link may be old, or a letter may be missing.
    </EmptyState>
  );
}
