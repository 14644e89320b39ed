import type { Trigger } from "@/contract";
import { sayCron } from "@/model/cronWords";

/** What it is called; else "Every day at 02:30", the schedule itself, "Webhook" or "New build". */
export const nameOf = ({ name, type, cron }: Pick<Trigger, "name" | "type" | "cron">): string =>
  name || (type === "webhook" ? "Webhook" : type === "build" ? "New build" : sayCron(cron) || cron);
