import type { PlanObject } from "@/contract";
import { sayAdopts } from "@/model/adoption";
import { sayYielded } from "@/model/driftWords";
import { cardIdOf } from "@/model/markedGraph";
import { refKey, sayEffect, saysWhyInShort, STANCES, stanceOf } from "@/model/planWords";
import { plural, sentence } from "@/model/words";
import { LeftFields } from "@/product";
import { Tag } from "@/ui";
import { FieldDiff, type DiffMode } from "../changes/FieldDiff";
import { ObjectRow } from "../lens/ObjectRow";
import { useLensAddress } from "../state/lensAddress";

interface PlanRowProps {
  readonly object: PlanObject;
  readonly mode: DiffMode;
}

/** One object of a plan: what becomes of it and what that does; opened, its fields in three bands. */
export function PlanRow({ object, mode }: PlanRowProps) {
  const { ref, yielded } = object;
  const stance = stanceOf(object);
  const said = sayEffect(object);
  return (
    <ObjectRow
      cardId={cardIdOf(object)}
      icon={ref.kind}
      name={ref.name}
      kind={ref.kind}
      look={STANCES[stance]}
      isOpen={stance === "conflict" || stance === "refused"}
      said={
        <>
          {yielded.length > 0 && <span className="block text-12 text-muted">{sayYielded(yielded)}</span>}
          {object.adopts && <span className="block text-12 text-muted">{sayAdopts(object.adopts)}</span>}
          {said && <span className="block text-12 wrap-anywhere text-muted">{said}</span>}
        </>
      }
    >
      <PlanDetail object={object} mode={mode} />
    </ObjectRow>
  );
}

function PlanDetail({ object, mode }: PlanRowProps) {
  const acts = object.fields.filter((field) => field.band === "acts");
  const kept = object.fields.filter((field) => field.band === "bookkeeping");
  const { field_counts: counts } = object;
  const stance = stanceOf(object);
  // The fields below say who manages them.
  const isOfFields = stance === "conflict" && object.conflicts.some(({ path }) => path !== "");
  const { openObject } = useLensAddress();
  return (
    <>
      {object.error && !isOfFields && <p className="text-bad">{sentence(object.error.detail)}</p>}
      {object.reason &&
        stance !== "held" &&
        stance !== "returned" &&
        !saysWhyInShort(object) &&
        !isOfFields &&
        object.reason !== object.error?.detail && <p className="text-muted">{sentence(object.reason)}</p>}
      {object.proof === "at_apply" && (
        <p>
          <Tag>decided when it is applied</Tag>
        </p>
      )}
      {object.conflicts
        .filter(({ path }) => path !== "" && !acts.some((field) => field.path === path))
        .map(({ path, manager }) => (
          <p key={`${path} ${manager}`} className="text-bad">
            <span className="font-mono">{path}</span> is managed by {manager}
          </p>
        ))}
      {acts.map(({ path, before, after }) => {
        const managers = object.conflicts.filter((conflict) => conflict.path === path).map(({ manager }) => manager);
        return (
          <FieldDiff key={path} path={path} before={before} after={after} mode={mode}>
            {managers.length > 0 && <span className="text-bad">is managed by {managers.join(" and ")}</span>}
          </FieldDiff>
        );
      })}
      <Hidden count={counts.acts - acts.length} one="more field" />
      <LeftFields object={object} />
      {counts.bookkeeping > 0 && (
        <details>
          <summary className="w-fit cursor-pointer rounded text-muted hover:text-text">
            {plural(counts.bookkeeping, "field")} of bookkeeping
          </summary>
          <div className="mt-2 flex flex-col gap-2">
            {kept.map(({ path, before, after }) => (
              <FieldDiff key={path} path={path} before={before} after={after} mode={mode} />
            ))}
            <Hidden count={counts.bookkeeping - kept.length} one="more field" />
          </div>
        </details>
      )}
      <p className="flex flex-wrap gap-x-3 text-muted">
        {counts.untouched > 0 && <span>{plural(counts.untouched, "field")} untouched</span>}
        {stance !== "unchanged" && (
          <button
            type="button"
            className="rounded text-accent-text hover:underline"
            onClick={() => openObject(refKey(object.ref))}
          >
            Whole object as YAML
          </button>
        )}
      </p>
    </>
  );
}

function Hidden({ count, one }: { count: number; one: string }) {
  return count > 0 ? <p className="text-muted">and {plural(count, one)}</p> : null;
}
