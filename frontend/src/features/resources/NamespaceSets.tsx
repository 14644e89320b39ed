import { Trash2 } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import { plural, sentence } from "@/model/words";
import { Button, cx, Field, Form, IconButton, Input, toast } from "@/ui";
import { useDeleteNamespaceSet, useNamespaceSets, useSaveNamespaceSet } from "./marks";

/** One's own sets of namespaces: to choose, to keep what is chosen, to remove. A link to the list holds the names. */
export function NamespaceSets({
  clusterId,
  chosen,
  name,
  onChoose,
}: {
  clusterId: string;
  chosen: readonly string[];
  /** What the chosen ones are called, in the address. */
  name: string;
  onChoose: (name: string, namespaces: readonly string[]) => void;
}) {
  const { data: sets = [] } = useNamespaceSets(clusterId);
  const save = useSaveNamespaceSet(clusterId);
  const remove = useDeleteNamespaceSet(clusterId);
  const [typed, setTyped] = useState(name);
  const isKept = sets.some((set) => set.name === name && set.namespaces.join() === chosen.join());
  const problem = save.error ? asProblem(save.error) : null;
  const keep = () => {
    if (!typed.trim() || save.isPending) return;
    save.mutate({ name: typed.trim(), namespaces: chosen }, { onSuccess: (set) => onChoose(set.name, set.namespaces) });
  };
  if (sets.length === 0 && chosen.length === 0) return null;
  return (
    <section aria-label="Sets of namespaces" className="border-t border-line">
      {sets.length > 0 && (
        <ul className="max-h-48 overflow-y-auto p-1">
          {sets.map((set) => (
            <li key={set.id} className="flex items-center gap-1">
              <button
                type="button"
                aria-pressed={set.name === name}
                title={set.namespaces.join(", ")}
                className={cx(
                  "flex h-8 min-w-0 flex-1 items-center gap-2 rounded px-2 text-left text-13 hover:bg-hover",
                  set.name === name && "bg-active font-medium",
                )}
                onClick={() => onChoose(set.name, set.namespaces)}
              >
                <span className="min-w-0 flex-1 truncate">{set.name}</span>
                <span className="text-12 text-muted">{plural(set.namespaces.length, "namespace")}</span>
              </button>
              <IconButton
                size="sm"
                label={`Remove the set ${set.name}`}
                disabled={remove.isPending}
                onClick={() =>
                  remove.mutate(set, {
                    onSuccess: () =>
                      toast({
                        tone: "ok",
                        title: `The set ${set.name} is removed`,
                        action: { label: "Undo", onClick: () => save.mutate(set) },
                      }),
                    onError: (error) =>
                      toast({ tone: "bad", title: "It was not removed", detail: sentence(asProblem(error).detail) }),
                  })
                }
              >
                <Trash2 size={14} aria-hidden />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      {chosen.length > 0 && !isKept && (
        <Form className="flex items-end gap-2 p-3" onSubmit={keep}>
          <Field
            label="Keep these as a set"
            className="flex-1"
            error={problem && (problem.of("name") ?? problem.of("namespaces") ?? sentence(problem.detail))}
          >
            <Input
              value={typed}
              maxLength={60}
              placeholder="payments"
              onChange={(event) => setTyped(event.target.value)}
            />
          </Field>
          <Button type="submit" busy={save.isPending} disabled={!typed.trim()}>
            Keep
          </Button>
        </Form>
      )}
    </section>
  );
}
