import { Star } from "lucide-react";

/** Beside the name of a favourite of one's own, in lists. */
export const FavouriteStar = () => (
  <Star size={13} aria-label="Favourite" className="shrink-0 fill-current text-accent-text" />
);
