// @vitest-environment jsdom
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { DoneDialog } from "./DoneDialog";
import { TooltipProvider } from "./Tooltip";

it.each([
  ["Done", (user: ReturnType<typeof userEvent.setup>) => user.click(screen.getByRole("button", { name: "Done" }))],
  ["Escape", (user: ReturnType<typeof userEvent.setup>) => user.keyboard("{Escape}")],
])("what is shown once is closed by %s", async (_, close) => {
  const onClose = vi.fn();
  render(
    <TooltipProvider>
      <DoneDialog title="Copy the token now" description="It is not shown again." onClose={onClose}>
        <p>ko_secret</p>
      </DoneDialog>
    </TooltipProvider>,
  );
  expect(screen.getByRole("dialog", { name: "Copy the token now" }).textContent).toContain("ko_secret");
  await close(userEvent.setup());
  expect(onClose).toHaveBeenCalledTimes(1);
});
