/** What images that a trigger watches are to what is drawn, and to what runs. */

interface Watchable {
  readonly images: readonly string[];
  readonly total: number;
  readonly deployed: readonly string[];
  readonly deployed_total: number;
  readonly running: readonly { readonly image: string; readonly digest: string }[];
}

/** Why a run of the trigger takes nothing of the image, in a few words; "" where it does, or that is not known. */
export function notDrawn(image: string, deploys: "saved" | "deployed", found: Watchable | undefined): string {
  if (!found) return "";
  const [names, total, where] =
    deploys === "saved"
      ? [found.images, found.total, "not in the saved graph"]
      : [found.deployed, found.deployed_total, "not in what a person deployed"];
  return names.includes(image) || names.length < total ? "" : where;
}

/** The digest that runs of the image, where it is another one than was seen; "" otherwise. */
export function otherRunning(image: string, digest: string, found: Watchable | undefined): string {
  const running = found?.running.find((one) => one.image === image)?.digest ?? "";
  return running === digest ? "" : running;
}
