import { useState } from "react";
import type { OldImages, Source } from "@/contract";
import { shortDigest } from "@/model/images";
import { plural, sentence } from "@/model/words";
import { explain } from "@/product";
import { ConfirmDialog, ErrorState, Field, Input, RelativeTime, SkeletonRows, toast, useTypedSearch } from "@/ui";
import { useOldImages, useRemoveOldImages } from "./queries";

const FIRST = 10;
type OldImage = OldImages["removed"][number];

/** Which older images of a source go from their registry, before any does; and what keeps the others. */
export function OldImagesDialog({ source, onClose }: { source: Source; onClose: () => void }) {
  const [keep, setKeep] = useState(String(source.keep_images || FIRST));
  const [typed, type] = useTypedSearch(keep, setKeep);
  const count = Number(keep) || 0;
  const preview = useOldImages(source.id, count);
  const remove = useRemoveOldImages(source.id);
  const found = preview.data;
  const failure = remove.error ?? preview.error;
  const left = remove.data?.left ?? [];
  const confirm = () =>
    remove.mutate(count, {
      onSuccess: ({ removed, left: stays }) => {
        if (stays.length > 0) return;
        toast({ tone: "ok", title: `${plural(removed.length, "image")} removed` });
        onClose();
      },
    });
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove old images of ${source.name}`}
      description="Only what its builds have pushed goes, with the tags that they gave. What is removed cannot be had back."
      confirmLabel={found?.removed.length ? `Remove ${plural(found.removed.length, "image")}` : "Remove images"}
      disabled={!found || found.removed.length === 0 || preview.isFetching}
      busy={remove.isPending}
      onConfirm={confirm}
      removed={found?.removed.map((one) => (
        <OldImageName key={keyOf(one)} of={one} />
      ))}
      kept={found?.kept.map((one) => (
        <span key={keyOf(one)}>
          <OldImageName of={one} /> <span className="text-muted">{sentence(one.detail)}</span>
        </span>
      ))}
      error={
        failure ? (
          <ErrorState inline title={remove.error ? "Not removed" : "Not found out"} {...explain(failure)} />
        ) : left.length > 0 ? (
          <ErrorState
            inline
            title={`${plural(left.length, "image")} not removed`}
            reason={sentence(left[0]?.detail ?? "")}
            details={left.map((one) => `${one.image}@${one.digest}: ${one.detail}`).join("\n")}
          />
        ) : undefined
      }
    >
      <Field label="Newest images that stay">
        <Input
          type="number"
          min={1}
          max={1000}
          className="max-w-32"
          value={typed}
          onChange={(event) => type(event.target.value)}
        />
      </Field>
      {source.images_note && (
        <p className="text-12 text-muted">
          Last removed by itself <RelativeTime at={source.images_note.at} />:{" "}
          {plural(source.images_note.removed, "image")}.{" "}
          {source.images_note.trouble && sentence(source.images_note.trouble)}
        </p>
      )}
      {preview.isPending && count > 0 && <SkeletonRows rows={3} />}
      {found?.removed.length === 0 && <p className="text-13 text-muted">Nothing would go.</p>}
      {found?.is_more && <p className="text-12 text-muted">There are more; remove them afterwards.</p>}
    </ConfirmDialog>
  );
}

const keyOf = ({ image, digest }: OldImage): string => `${image}@${digest}`;

function OldImageName({ of }: { of: OldImage }) {
  return (
    <span className="font-mono text-12 break-all" title={`${of.image}@${of.digest}`}>
      #{of.builds[0]} {of.image}:{of.tags[0] ?? shortDigest(of.digest)}
    </span>
  );
}
