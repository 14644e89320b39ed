import type { Trigger } from "@/contract";
import { sayCron } from "@/model/cronWords";

/** "Every day at 02:30", or the schedule itself; "Webhook". */
export const nameOf = ({ type, cron }: Pick<Trigger, "type" | "cron">): string =>
  type === "webhook" ? "Webhook" : sayCron(cron) || cron;
