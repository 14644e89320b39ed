// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { imagesKey, workflowKey } from "@/product";
import { useDeleteSource, useSaveSource } from "./queries";

afterEach(() => vi.unstubAllGlobals());

function known() {
  const client = new QueryClient();
  client.setQueryData(imagesKey("w1"), {});
  client.setQueryData(workflowKey("w1"), {});
  const wrapper = ({ children }: { children: React.ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  return { client, wrapper };
}

function expectOnlyImagesAreReadAgain(client: QueryClient) {
  expect(client.getQueryState(imagesKey("w1"))?.isInvalidated).toBe(true);
  expect(client.getQueryState(workflowKey("w1"))?.isInvalidated).toBe(false);
}

type Given = Parameters<ReturnType<typeof useSaveSource>["mutateAsync"]>[0];
const PLACE = {
  repository: "https://git.example.com/shop.git",
  connection: null,
  ref: "",
  root: "",
  builder: {},
  image: "",
  engine: "",
  keep_images: 0,
  builds_on_push: false,
};
const OF: Given["of"][] = [{ name: "app" }, { id: "s1", rev: 1 }];

it.each(OF)("what workflows take is read again after a source is saved: %o", async (of) => {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({})));
  const { client, wrapper } = known();
  await renderHook(useSaveSource, { wrapper }).result.current.mutateAsync({ ...PLACE, of });
  expectOnlyImagesAreReadAgain(client);
});

it("what workflows take is read again after a source is deleted", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(null, { status: 204 })));
  const { client, wrapper } = known();
  await renderHook(useDeleteSource, { wrapper }).result.current.mutateAsync("s1");
  expectOnlyImagesAreReadAgain(client);
});
