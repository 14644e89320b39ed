import type { Trigger } from "@/contract";
import { sayCron } from "@/model/cronWords";

const NAMES = { webhook: "Webhook", build: "New build", image: "New image" } as const;

/** What it is called; else "Every day at 02:30", the schedule itself, "Webhook", "New build" or "New image". */
export const nameOf = ({ name, type, cron }: Pick<Trigger, "name" | "type" | "cron">): string =>
  name || (type === "schedule" ? sayCron(cron) || cron : NAMES[type]);
