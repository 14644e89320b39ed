// @vitest-environment jsdom
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { TooltipProvider } from "@/ui";
import { SecretsDialog } from "./SecretsDialog";

// jsdom lays nothing out; the box to tick only asks for its own size.
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  },
);

it("a value can be generated for one key, and typed for another", async () => {
  const onAnswer = vi.fn();
  const keys = ["TOKEN", "PASSWORD"].map((key) => ({ key, sealed: false, in_cluster: false }));
  const asked = { type: "secrets", nodes: [{ node_id: "s", name: "login", keys }], error: null, busy: false } as never;
  render(
    <TooltipProvider>
      <SecretsDialog asked={asked} environment="prod" onAnswer={onAnswer} onClose={() => undefined} />
    </TooltipProvider>,
  );
  await userEvent.type(screen.getByLabelText(/^TOKEN/), "typed");
  await userEvent.click(screen.getByRole("button", { name: "Generate a value for PASSWORD" }));
  await userEvent.click(screen.getByRole("button", { name: "Run in prod" }));
  expect(onAnswer).toHaveBeenCalledWith({
    secrets: { s: { TOKEN: "typed", PASSWORD: expect.stringMatching(/^[A-Za-z0-9]{32}$/) as unknown } },
    keep: true,
  });
});
