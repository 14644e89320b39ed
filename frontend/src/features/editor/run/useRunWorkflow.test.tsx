// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, renderHook, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { setParameter } from "@/model/edits";
import { aGraph, aNode } from "@/model/testing/samples";
import { TooltipProvider } from "@/ui";
import { aSession, InSession } from "../testing/session";
import { useRunWorkflow } from "./useRunWorkflow";

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}
type Answer = { readonly status: number; readonly body: unknown } | "lost";

const STARTED: Answer = { status: 202, body: { id: "r1" } };
const refused = (code: string, more: object = {}): Answer => ({
  status: 400,
  body: { code, detail: "no values", errors: [], ...more },
});
const KEYS = { node_id: "keys", name: "keys", keys: [{ key: "TOKEN", stored: false, in_cluster: false }] };
const missing = refused("run.secrets_missing", { missing: [KEYS] });

/** A server that gives these answers one after the other, and remembers what it was asked. */
function aServer(answers: Answer[]): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    sent.push({ method: init.method ?? "GET", path: url, body: JSON.parse(String(init.body)) as Sent["body"] });
    const answer = answers.shift();
    if (answer === undefined || answer === "lost") throw new TypeError("network");
    return new Response(JSON.stringify(answer.body), { status: answer.status });
  });
  return sent;
}

function anEditor({ saves = true } = {}) {
  const order: string[] = [];
  const session = aSession({
    document: aGraph([aNode("web", "deployment"), aNode("keys", "configmap")]),
    put: async () => {
      order.push("save");
      return saves ? { type: "saved", rev: 2, problems: [] } : { type: "unreachable", reason: "No answer." };
    },
  });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={new QueryClient()}>
      <InSession session={session}>{children}</InSession>
    </QueryClientProvider>
  );
  const { result } = renderHook(() => useRunWorkflow("sandbox"), { wrapper });
  return { session, result, order };
}

afterEach(() => void vi.unstubAllGlobals());

describe("Run", () => {
  it("asks for the run at once, and for nothing before it", async () => {
    const sent = aServer([STARTED]);
    const { session, result } = anEditor();
    act(() => {
      result.current.start();
      result.current.start();
    });
    await waitFor(() => expect(session.view.getState().runId).toBe("r1"));
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /api/v1/workflows/w/runs"]);
    expect(sent[0]?.body).toMatchObject({ environment: "e", when_busy: "wait" });
    expect([session.view.getState().drawer, result.current.state.type]).toEqual(["run", "idle"]);
  });

  it("saves first what is not saved yet", async () => {
    const { session, result, order } = anEditor();
    const sent = aServer([STARTED]);
    const { document, apply } = session.document.getState();
    apply(setParameter(document, { type: "node", id: "web" }, ["image"], "nginx"));
    act(() => result.current.start());
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(order).toEqual(["save"]);
  });

  it("does not start while saving fails, and says why", async () => {
    const sent = aServer([STARTED]);
    const { session, result } = anEditor({ saves: false });
    const { document, apply } = session.document.getState();
    apply(setParameter(document, { type: "node", id: "web" }, ["image"], "nginx"));
    act(() => result.current.start());
    await waitFor(() =>
      expect(result.current.state).toEqual({
        type: "failed",
        reason: "No answer.",
        code: "client.unexpected",
        fields: [],
      }),
    );
    expect(sent).toEqual([]);
  });

  it("asks for the keys that the server misses, and sends their values with the second try", async () => {
    const sent = aServer([missing, STARTED]);
    const { session, result } = anEditor();
    act(() => result.current.start());
    await waitFor(() => expect(result.current.state.type).toBe("secrets"));
    expect(result.current.state).toMatchObject({ nodes: [KEYS] });
    act(() => result.current.answer({ secrets: { keys: { TOKEN: "t" } }, keep: true }));
    await waitFor(() => expect(session.view.getState().runId).toBe("r1"));
    expect(sent[1]?.body).toMatchObject({ secrets: { keys: { TOKEN: "t" } }, keep_secrets: true });
    expect(sent[1]?.body.idempotency_key).not.toBe(sent[0]?.body.idempotency_key);
  });

  it("asks before objects are deleted, and starts with their number once the person agrees", async () => {
    const ref = { api_version: "batch/v1", kind: "CronJob", namespace: "shop", name: "cron" };
    const unconfirmed: Answer = {
      status: 409,
      body: {
        code: "run.deletions_unconfirmed",
        detail: "1 object would be deleted",
        errors: [],
        deletions: [{ ref, node_id: null, holds_data: false }],
        kept: [],
        confirmation: "d1",
      },
    };
    const sent = aServer([unconfirmed, STARTED]);
    const { session, result } = anEditor();
    act(() => result.current.start());
    await waitFor(() => expect(result.current.question).toBeTruthy());
    render(<TooltipProvider>{result.current.question}</TooltipProvider>);
    fireEvent.click(await screen.findByRole("button", { name: "Delete 1 object and run" }));
    await waitFor(() => expect(session.view.getState().runId).toBe("r1"));
    expect(sent.map(({ body }) => body.confirm_deletions)).toEqual([undefined, 1]);
    expect(sent.map(({ body }) => body.confirmation)).toEqual([undefined, "d1"]);
    expect(result.current.question).toBeNull();
  });

  it("keeps asking, with the reason, when the values are refused", async () => {
    aServer([missing, refused("run.secrets_invalid")]);
    const { result } = anEditor();
    act(() => result.current.start());
    await waitFor(() => expect(result.current.state.type).toBe("secrets"));
    act(() => result.current.answer({ secrets: { keys: { TOKEN: "" } }, keep: false }));
    await waitFor(() =>
      expect(result.current.state).toMatchObject({ type: "secrets", error: "No values.", busy: false }),
    );
  });

  it("tries again with the same key when the answer got lost, so that there is one run", async () => {
    const sent = aServer(["lost", STARTED]);
    const { session, result } = anEditor();
    act(() => result.current.start());
    await waitFor(() => expect(session.view.getState().runId).toBe("r1"));
    expect(sent).toHaveLength(2);
    expect(sent[0]?.body.idempotency_key).toBe(sent[1]?.body.idempotency_key);
  });

  it("is another run after it failed and was dismissed", async () => {
    const sent = aServer(["lost", "lost", STARTED]);
    const { session, result } = anEditor();
    act(() => result.current.start());
    await waitFor(() => expect(result.current.state.type).toBe("failed"));
    act(() => result.current.dismiss());
    act(() => result.current.start());
    await waitFor(() => expect(session.view.getState().runId).toBe("r1"));
    expect(sent[2]?.body.idempotency_key).not.toBe(sent[0]?.body.idempotency_key);
  });

  it("shows the problems that the server found in the graph", async () => {
    const problem = {
      code: "x",
      detail: "image is missing",
      severity: "error",
      field: null,
      node_ids: ["web"],
      edge_ids: [],
    };
    aServer([refused("run.graph_invalid", { errors: [problem] })]);
    const { session, result } = anEditor();
    act(() => result.current.start());
    await waitFor(() => expect(session.view.getState().drawer).toBe("problems"));
    expect(session.document.getState().problems.map(({ detail }) => detail)).toContain("Image is missing.");
  });
});
