// @vitest-environment jsdom
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { Dialog } from "./Dialog";
import { Input } from "./Input";
import { TooltipProvider } from "./Tooltip";

const shown = (props: Partial<Parameters<typeof Dialog>[0]>) =>
  render(
    <TooltipProvider>
      <Dialog open onOpenChange={() => undefined} title="Keys" {...props} />
    </TooltipProvider>,
  );

it("a dialog to read closes with one Escape", async () => {
  const onOpenChange = vi.fn();
  shown({ onOpenChange, children: <p>Next row: j</p> });
  expect(document.activeElement).toBe(screen.getByRole("dialog"));
  await userEvent.setup().keyboard("{Escape}");
  expect(onOpenChange).toHaveBeenCalledWith(false);
});

it("a dialog that is a form starts in its field and is sent by Ctrl+Enter", async () => {
  const onSubmit = vi.fn();
  shown({ onSubmit, children: <Input aria-label="Name" /> });
  expect(document.activeElement).toBe(screen.getByRole("textbox"));
  await userEvent.setup().keyboard("{Control>}{Enter}{/Control}");
  expect(onSubmit).toHaveBeenCalledTimes(1);
});
