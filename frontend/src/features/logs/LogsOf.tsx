import { useState } from "react";
import type { ResourceAddress } from "@/api";
import { useContainers } from "@/product";
import { CHOICES, LogsView, type Choices } from "./LogsView";

const NONE = Object.fromEntries(CHOICES.map((name) => [name, ""])) as Choices;

/** The logs of an object beside something else, whose address says nothing of them. */
export default function LogsOf(address: ResourceAddress) {
  const [choices, setChoices] = useState(NONE);
  const containers = useContainers(address);
  return (
    <LogsView
      address={address}
      names={(containers.data ?? []).map(({ container }) => container)}
      choices={choices}
      onChoose={(changes) =>
        setChoices((known) => ({
          ...known,
          ...Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value ?? ""])),
        }))
      }
    />
  );
}
