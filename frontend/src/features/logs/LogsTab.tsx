import { useMemo } from "react";
import type { ResourceTabProps } from "@/product";
import { useUrlState } from "@/ui";
import { CHOICES, LogsView } from "./LogsView";

/** The logs of an object on its page: what is chosen is part of the address. */
export default function LogsTab({ object, ...address }: ResourceTabProps) {
  const [choices, choose] = useUrlState(CHOICES);
  const names = useMemo(() => {
    const spec = (object as { spec?: PodSpec & { template?: { spec?: PodSpec } } }).spec;
    const pod = spec?.template?.spec ?? spec;
    return [...(pod?.initContainers ?? []), ...(pod?.containers ?? []), ...(pod?.ephemeralContainers ?? [])].map(
      ({ name }) => name,
    );
  }, [object]);
  return <LogsView address={address} names={names} choices={choices} onChoose={choose} />;
}
interface PodSpec {
  containers?: { name: string }[];
  initContainers?: { name: string }[];
  ephemeralContainers?: { name: string }[];
}
