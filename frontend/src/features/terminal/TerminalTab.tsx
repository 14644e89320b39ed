import type { ResourceTabProps } from "@/product";
import { useUrlState } from "@/ui";
import { Shells } from "./Shells";

/** Shells in the containers of a pod, on its page. */
export default function TerminalTab({ clusterId, namespace, name, resource, object }: ResourceTabProps) {
  const spec = (object as { spec?: { containers?: { name: string }[] } }).spec;
  const containers = (spec?.containers ?? []).map((each) => each.name);
  const [url, setUrl] = useUrlState(["container"]);
  return (
    <Shells
      clusterId={clusterId}
      namespace={namespace}
      pod={name}
      version={resource.resource_version}
      containers={containers}
      container={containers.includes(url.container) ? url.container : (containers[0] ?? "")}
      onContainer={(container) => setUrl({ container })}
    />
  );
}
