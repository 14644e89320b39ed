import { Compass } from "lucide-react";
import { EmptyState, LinkButton, useCrumbs } from "@/ui";

export function NotFound() {
  useCrumbs({ label: "Not found" });
  return (
    <EmptyState
      page
      icon={<Compass size={20} strokeWidth={1.5} aria-hidden />}
      title="Page not found"
      action={<LinkButton to="/workflows">Go to workflows</LinkButton>}
    >
      The link may be outdated or mistyped.
    </EmptyState>
  );
}
