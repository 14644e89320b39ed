// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Session } from "@/contract";
import { sessionKey } from "../queries/keys";
import { onSignedOutElsewhere, useForgottenFiles, useSession, useSignOut } from "../queries/session";
import { keepFiles } from "./keptFiles";
import { useKeptForm } from "./useKeptForm";

const NO_FORM = { url: "" };
const KEY = "kubeorch.import.chart";
const session = (id?: string) => ({ user: id ? { id } : null }) as Session;
const isStored = () => sessionStorage.getItem(KEY) !== null;

beforeEach(() => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(null, { status: 204 })));
});
afterEach(() => {
  sessionStorage.clear();
  vi.unstubAllGlobals();
});

function aTab(id?: string) {
  const client = new QueryClient();
  client.setQueryData(sessionKey, session(id));
  const wrapper = ({ children }: { children: React.ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  /** The person of this tab changes, as the server says it. */
  const becomes = (next?: string) => act(() => client.setQueryData(sessionKey, session(next)));
  return { client, wrapper, becomes };
}

it.each([
  ["while nobody knows who is signed in", undefined, true],
  ["for whoever chose them", session("anna"), true],
  ["for somebody else", session("ben"), false],
  ["for nobody", session(), false],
])("files are kept or forgotten %s", (_when, known, stays) => {
  keepFiles("chart", "anna", { url: "oci://example.com/shop" });
  renderHook(() => useForgottenFiles(known));
  expect(isStored()).toBe(stays);
});

it("a sign-out is told to the other tabs", async () => {
  const heard = vi.fn();
  const stop = onSignedOutElsewhere(heard);
  const { result } = renderHook(useSignOut, { wrapper: aTab("anna").wrapper });
  await act(() => result.current.mutateAsync());
  await waitFor(() => expect(heard).toHaveBeenCalledOnce());
  stop();
});

it("a tab that hears of a sign-out forgets its files", async () => {
  renderHook(() => useForgottenFiles(session("anna")));
  keepFiles("chart", "anna", { url: "oci://example.com/shop" });
  const otherTab = new BroadcastChannel("kubeorch.signed-out");
  otherTab.postMessage(null);
  await waitFor(() => expect(isStored()).toBe(false));
  otherTab.close();
});

it("what a person chose before the session ended is kept again for the same person alone", async () => {
  const { wrapper, becomes } = aTab("anna");
  const { result } = renderHook(
    () => {
      useForgottenFiles(useSession().data);
      return useKeptForm("chart", NO_FORM);
    },
    { wrapper },
  );
  act(() => result.current[1](() => ({ url: "oci://example.com/shop" })));
  expect(isStored()).toBe(true);
  becomes();
  await waitFor(() => expect(isStored()).toBe(false));
  expect(result.current[0].url).toBe("oci://example.com/shop");
  becomes("anna");
  await waitFor(() => expect(isStored()).toBe(true));
  becomes("ben");
  await waitFor(() => expect(isStored()).toBe(false));
});
