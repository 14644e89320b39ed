import { coversSomewhere } from "@/model/roles";
import { useSession } from "@/product";

export function useMayRun(): boolean {
  return coversSomewhere(useSession().data?.user, "editor");
}
