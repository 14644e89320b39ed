import { asProblem } from "@/api";
import type { RemovedImages, StoredImage } from "@/contract";
import { shortDigest } from "@/model/images";
import { sizeWord } from "@/model/importFiles";
import { sentence } from "@/model/words";
import { explain } from "@/product";
import { ConfirmDialog, ErrorState, SkeletonRows, toast } from "@/ui";
import { useRemovalPreview, useRemoveStoredImages } from "./queries";

const nameOf = ({ repository, tags, digest }: RemovedImages["removed"][number]): string =>
  `${repository} ${tags.length > 0 ? tags.join(", ") : shortDigest(digest)}`;

/** Says what goes and how much that frees, before anything is removed; without images, what nothing uses. */
export function RemoveImagesDialog({
  team,
  images,
  title,
  onClose,
  onRemoved,
}: {
  team: string;
  images: readonly StoredImage[];
  title: string;
  onClose: () => void;
  onRemoved: () => void;
}) {
  const preview = useRemovalPreview(
    team,
    images.map(({ repository, digest }) => ({ repository, digest })),
  );
  const remove = useRemoveStoredImages();
  const uses = images.flatMap((one) => one.uses);
  const found = preview.data;
  const left = remove.data?.left ?? [];
  const failure = remove.error ?? preview.error;
  const confirm = () => {
    if (!found) return;
    const wanted = found.removed.map(({ repository, digest }) => ({ repository, digest }));
    remove.mutate(
      { team, images: wanted, despite_use: uses.length > 0 },
      {
        onSuccess: ({ removed, freed_bytes: freed, left: stays }) => {
          if (stays.length > 0) return;
          toast({
            tone: "ok",
            title: `${removed.length} removed; ${sizeWord(freed)} are free once the registry has tidied up`,
          });
          onRemoved();
        },
      },
    );
  };
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={
        found &&
        `Frees ${sizeWord(found.freed_bytes)} once the registry has tidied up, which it does when nobody pushes. What is removed cannot be had back.`
      }
      confirmLabel={found && found.removed.length > 1 ? `Remove ${found.removed.length} images` : "Remove image"}
      disabled={!found || found.removed.length === 0}
      busy={remove.isPending}
      onConfirm={confirm}
      removed={found?.removed.map((one) => (
        <span key={one.digest} className="font-mono text-12">
          {nameOf(one)}
        </span>
      ))}
      error={
        failure ? (
          <ErrorState inline title="Not removed" {...explain(failure)} details={asProblem(failure).describe()} />
        ) : left.length > 0 ? (
          <ErrorState
            inline
            title={`${left.length} not removed`}
            reason={sentence(left[0]?.detail ?? "")}
            details={left.map((one) => `${nameOf(one)}: ${one.detail}`).join("\n")}
          />
        ) : undefined
      }
    >
      {preview.isPending && <SkeletonRows rows={3} />}
      {uses.length > 0 && (
        <ErrorState
          inline
          title="It is still used"
          reason={`${uses.map(({ what }) => sentence(what)).join(" ")} Pods that start with it will fail.`}
        />
      )}
    </ConfirmDialog>
  );
}
