import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { fetchEnvironmentDrift } from "@/api";
import { sayHealing } from "@/model/driftWords";
import { driftKey } from "./keys";

const SHOWN = 5;
const POLL_MS = 15_000;

/** Of an environment in which self-heal is on: the objects that it does not put back, and why. Nothing otherwise. */
export function SelfHealHolds({ environmentId }: { environmentId: string }) {
  const drift = useQuery({
    queryKey: [...driftKey, environmentId, "held"],
    queryFn: ({ signal }) => fetchEnvironmentDrift(environmentId, signal),
    refetchInterval: POLL_MS,
  });
  const held = drift.data?.results.filter((row) => row.healing !== null) ?? [];
  if (held.length === 0) return null;
  return (
    <ul aria-label="What self-heal leaves alone" className="mt-1.5 flex max-w-160 flex-col gap-0.5 text-12 text-warn">
      {held.slice(0, SHOWN).map(({ ref, healing }) => (
        <li key={`${ref.kind} ${ref.namespace} ${ref.name}`} className="wrap-anywhere">
          <span className="font-mono">
            {ref.kind}/{ref.name}
          </span>{" "}
          {healing && sayHealing(healing)}
        </li>
      ))}
      <li>
        <Link to="/drift" className="font-medium text-accent-text hover:underline">
          {held.length > SHOWN ? `${held.length - SHOWN} more in the list of drift` : "Show drift"}
        </Link>
      </li>
    </ul>
  );
}
