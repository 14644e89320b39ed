import { expect, test } from "vitest";
import type { PlanObject } from "@/contract";
import { adoptionOf, movesOf, sayAdopts, staysAsItIs, takeableOf } from "./adoption";
import { aPlanObject } from "./testing/plans";

const moving = (name: string, more: object = {}) => ({
  manager: name,
  name,
  operation: "Update",
  at: "",
  leaves: true,
  repeats: false,
  fields: ["spec.replicas"],
  count: 1,
  others: 0,
  ...more,
});

const labelled = (path: string): PlanObject =>
  aPlanObject("web", "update", {
    fields: [{ path, before: null, after: "x", band: "acts" }],
    field_counts: { acts: 1, bookkeeping: 0, untouched: 9 },
    adopts: { moves: [moving("kubectl apply")] },
  });

test.each([
  ["metadata.labels.app", true],
  ["metadata.labels[app.kubernetes.io/name]", true],
  ["metadata.labels[kubeorch.dev/node]", true],
  ["metadata.labels.tier", false],
  ["spec.template.metadata.labels.app", false],
  ["spec.replicas", false],
])("a change of %s leaves an object as it is: %s", (path, is) => expect(staysAsItIs(labelled(path))).toBe(is));

test("a field that is not listed counts as a change", () => {
  const more = { ...labelled("metadata.labels.app"), field_counts: { acts: 2, bookkeeping: 0, untouched: 9 } };
  expect(staysAsItIs(more)).toBe(false);
});

test("what is taken over, what would change, and what is not taken over are told apart", () => {
  const changing = labelled("spec.replicas");
  const found = adoptionOf({
    objects: [labelled("metadata.labels.app"), changing, aPlanObject("new", "create"), aPlanObject("own", "unchanged")],
  });
  expect(found.taken).toHaveLength(2);
  expect(found.changing).toEqual([changing]);
  expect(found.others.map(({ ref }) => ref.name)).toEqual(["new"]);
});

test("fields that change hands are said by manager, and who stays comes last", () => {
  const stays = moving("Argo CD", { leaves: false, repeats: true, count: 7 });
  const helm = moving("Helm", { count: 3 });
  const objects = [
    aPlanObject("a", "update", { adopts: { moves: [stays, moving("kubectl apply")] } }),
    aPlanObject("b", "update", { adopts: { moves: [helm] } }),
    aPlanObject("c", "update", { adopts: { moves: [helm, moving("kubectl scale", { fields: [], count: 0 })] } }),
  ];
  expect(movesOf(objects).map(({ name, count, objects: of }) => [name, count, of.length])).toEqual([
    ["Helm", 6, 2],
    ["kubectl apply", 1, 1],
    ["Argo CD", 7, 1],
  ]);
});

test("what is there and no workflow's can be taken over by another plan, and what another environment has cannot", () => {
  const foreign = (name: string, detail: string) =>
    aPlanObject(name, "conflict", { error: { code: "object.foreign", detail } });
  const objects = [foreign("a", "A belongs to somebody else"), foreign("b", "B belongs to another environment")];
  const options = { delete_volumes: false, take_over: false, adopt: false };
  expect(takeableOf({ objects, options }).map(({ ref }) => ref.name)).toEqual(["a"]);
  expect(takeableOf({ objects, options: { ...options, adopt: true } })).toEqual([]);
});

test("what cannot be taken over as it is does not count as what would change", () => {
  const stopped = { ...labelled("spec.replicas"), error: { code: "cluster.field_conflict", detail: "" } };
  const found = adoptionOf({ objects: [stopped, labelled("metadata.labels.app")] });
  expect([found.stopped, found.changing]).toEqual([[stopped], []]);
});

test("who has an object before it is taken over is said in a sentence", () => {
  const stays = moving("Argo CD", { leaves: false });
  expect(sayAdopts({ moves: [moving("kubectl apply"), stays] })).toBe(
    "Taken over from kubectl apply, 1 field. Argo CD stays an owner beside KubeOrch.",
  );
  expect(sayAdopts({ moves: [] })).toBe("Taken over; nobody manages fields of it.");
});
