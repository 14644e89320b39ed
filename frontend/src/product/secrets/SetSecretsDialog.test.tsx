// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { TooltipProvider } from "@/ui";
import { SetSecretsDialog } from "./SetSecretsDialog";

afterEach(() => vi.unstubAllGlobals());

/** The server answers this; what it is sent. */
function answering(status: number, body: object) {
  const sent = vi.fn();
  vi.stubGlobal("fetch", (url: string, { body: given }: { body: string }) => {
    sent(url, JSON.parse(given));
    return Promise.resolve(Response.json(body, { status }));
  });
  return sent;
}
const URL = "/api/v1/workflows/w/secrets?environment=e";

const key = (name: string) => ({
  key: name,
  stored: false,
  stored_at: null,
  in_cluster: false,
  awaits_run: false,
  earlier_until: null,
});

function open(...names: string[]) {
  const onClose = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TooltipProvider>
        <SetSecretsDialog
          of={{ workflow: "w", environment: "e" }}
          environment="prod"
          nodes={[{ node_id: "s", name: "login", keys: names.map(key) }]}
          onClose={onClose}
        />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return onClose;
}

it("stores what is given, and leaves what is not", async () => {
  const sent = answering(200, { nodes: [], unused: [] });
  const onClose = open("TOKEN", "PASSWORD");
  expect(screen.getByRole("button", { name: "Store value" })).toHaveProperty("disabled", true);
  await userEvent.type(screen.getByLabelText(/^PASSWORD/), "typed");
  await userEvent.click(screen.getByRole("button", { name: "Store value" }));
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(sent).toHaveBeenCalledExactlyOnceWith(URL, { values: { s: { PASSWORD: "typed" } } });
});

it("keeps the lines of what is pasted or comes from a file", async () => {
  const sent = answering(200, { nodes: [], unused: [] });
  open("PASSWORD", "tls.crt");
  fireEvent.paste(screen.getByLabelText(/^PASSWORD/), { clipboardData: { getData: () => "one\ntwo\n" } });
  // jsdom reads no files.
  const content = Promise.resolve(new TextEncoder().encode("-----BEGIN X-----\n").buffer);
  const file = Object.assign(new File([], "a.pem"), { arrayBuffer: () => content });
  const [, ofCertificate] = document.querySelectorAll<HTMLInputElement>("input[type=file]");
  if (ofCertificate) await userEvent.upload(ofCertificate, file);
  await vi.waitFor(() => expect(screen.getByLabelText(/^tls.crt/)).toHaveProperty("value", "-----BEGIN X-----\n"));
  await userEvent.click(screen.getByRole("button", { name: "Store 2 values" }));
  const values = { s: { PASSWORD: "one\ntwo\n", "tls.crt": "-----BEGIN X-----\n" } };
  await vi.waitFor(() => expect(sent).toHaveBeenCalledExactlyOnceWith(URL, { values }));
});

it("says at its field what the server refuses, and keeps what was typed", async () => {
  const row = { code: "secret.form", detail: "the value of tls.crt must be PEM text", field: "values.s.tls.crt" };
  answering(400, {
    status: 400,
    code: "secret.invalid",
    detail: row.detail,
    errors: [{ ...row, severity: "error", node_ids: [], edge_ids: [] }],
  });
  const onClose = open("tls.crt");
  fireEvent.change(screen.getByLabelText(/^tls.crt/), { target: { value: "no" } });
  await userEvent.click(screen.getByRole("button", { name: "Store value" }));
  expect((await screen.findByRole("alert")).textContent).toContain("must be PEM text");
  expect(screen.getByLabelText(/^tls.crt/)).toHaveProperty("value", "no");
  expect(onClose).not.toHaveBeenCalled();
});
