// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api";
import { TooltipProvider } from "@/ui";
import { SetSecretsDialog } from "./SetSecretsDialog";

const setSecrets = vi.hoisted(() => vi.fn());
vi.mock("@/api", async (original) => ({ ...(await original<object>()), setSecrets }));
afterEach(() => setSecrets.mockReset());

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
  setSecrets.mockResolvedValue({ nodes: [], unused: [] });
  const onClose = open("TOKEN", "PASSWORD");
  expect(screen.getByRole("button", { name: "Store value" })).toHaveProperty("disabled", true);
  await userEvent.type(screen.getByLabelText(/^PASSWORD/), "typed");
  await userEvent.click(screen.getByRole("button", { name: "Store value" }));
  expect(setSecrets).toHaveBeenCalledExactlyOnceWith("w", "e", { s: { PASSWORD: "typed" } });
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
});

it("keeps the lines of what is pasted or comes from a file", async () => {
  setSecrets.mockResolvedValue({ nodes: [], unused: [] });
  open("PASSWORD", "tls.crt");
  fireEvent.paste(screen.getByLabelText(/^PASSWORD/), { clipboardData: { getData: () => "one\ntwo\n" } });
  // jsdom reads no files.
  const content = Promise.resolve(new TextEncoder().encode("-----BEGIN X-----\n").buffer);
  const file = Object.assign(new File([], "a.pem"), { arrayBuffer: () => content });
  const [, ofCertificate] = document.querySelectorAll<HTMLInputElement>("input[type=file]");
  if (ofCertificate) await userEvent.upload(ofCertificate, file);
  await vi.waitFor(() => expect(screen.getByLabelText(/^tls.crt/)).toHaveProperty("value", "-----BEGIN X-----\n"));
  await userEvent.click(screen.getByRole("button", { name: "Store 2 values" }));
  const given = { s: { PASSWORD: "one\ntwo\n", "tls.crt": "-----BEGIN X-----\n" } };
  expect(setSecrets).toHaveBeenCalledExactlyOnceWith("w", "e", given);
});

it("says at its field what the server refuses, and keeps what was typed", async () => {
  const row = { code: "secret.form", detail: "the value of tls.crt must be PEM text", field: "values.s.tls.crt" };
  setSecrets.mockRejectedValue(
    new ApiProblem({
      status: 400,
      code: "secret.invalid",
      detail: row.detail,
      errors: [{ ...row, severity: "error", node_ids: [], edge_ids: [] }],
    }),
  );
  const onClose = open("tls.crt");
  fireEvent.change(screen.getByLabelText(/^tls.crt/), { target: { value: "no" } });
  await userEvent.click(screen.getByRole("button", { name: "Store value" }));
  expect((await screen.findByRole("alert")).textContent).toContain("must be PEM text");
  expect(screen.getByLabelText(/^tls.crt/)).toHaveProperty("value", "no");
  expect(onClose).not.toHaveBeenCalled();
});
