import { Star } from "lucide-react";
import { asProblem, type ResourceAddress } from "@/api";
import { sentence } from "@/model/words";
import { cx, IconButton, toast } from "@/ui";
import { useMark, useSaveMark } from "./marks";

/** Makes the object a favourite of one's own, or no longer. */
export function MarkButton({ address }: { address: ResourceAddress }) {
  const { mark, isPending } = useMark(address);
  const save = useSaveMark(address);
  const isFavourite = mark?.favourite ?? false;
  const toggle = () =>
    save.mutate(
      { favourite: !isFavourite, note: mark?.note ?? "", labels: mark?.labels ?? [] },
      {
        onError: (error) => toast({ tone: "bad", title: "It was not kept", detail: sentence(asProblem(error).detail) }),
      },
    );
  return (
    <IconButton
      label={isFavourite ? "Remove from your favourites" : "Add to your favourites"}
      aria-pressed={isFavourite}
      busy={save.isPending}
      disabled={isPending}
      onClick={toggle}
    >
      <Star size={16} aria-hidden className={cx(isFavourite && "fill-current text-accent-text")} />
    </IconButton>
  );
}
