import { useCrumbs } from "@/ui";
import { RunList } from "./RunList";

/** The runs of all teams of the person. */
export default function RunsPage() {
  useCrumbs({ label: "Runs" });
  return <RunList title="Runs" />;
}
