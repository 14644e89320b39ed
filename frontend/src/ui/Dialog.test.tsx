// @vitest-environment jsdom
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
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

it("what was typed into a form is not lost by a stray Escape or click", async () => {
  const user = userEvent.setup();
  const onOpenChange = vi.fn();
  shown({ onOpenChange, onSubmit: () => undefined, keepsInput: true, children: <Input aria-label="Name" /> });
  await user.type(screen.getByRole("textbox"), "prod");
  await user.keyboard("{Escape}");
  expect(screen.getByRole("alert").textContent).toContain("Discard what you entered?");
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("alert")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Close" }));
  await user.click(screen.getByRole("button", { name: "Keep editing" }));
  expect(screen.getByRole<HTMLInputElement>("textbox").value).toBe("prod");
  expect(onOpenChange).not.toHaveBeenCalled();
  await user.keyboard("{Escape}");
  await user.click(screen.getByRole("button", { name: "Discard" }));
  expect(onOpenChange).toHaveBeenCalledWith(false);
});

it("a form that nobody has typed into closes at once", async () => {
  const onOpenChange = vi.fn();
  shown({ onOpenChange, onSubmit: () => undefined, keepsInput: true, children: <Input aria-label="Name" /> });
  await userEvent.setup().keyboard("{Escape}");
  expect(onOpenChange).toHaveBeenCalledWith(false);
});

it("a dialog gives the focus back to what opened it", async () => {
  const user = userEvent.setup();
  function Page() {
    const [open, setOpen] = useState(false);
    return (
      <TooltipProvider>
        <button type="button" onClick={() => setOpen(true)}>
          Delete
        </button>
        {open && <Dialog open onOpenChange={setOpen} title="Delete it?" children={<p>It is gone then.</p>} />}
      </TooltipProvider>
    );
  }
  render(<Page />);
  await user.click(screen.getByRole("button", { name: "Delete" }));
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("dialog")).toBeNull();
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Delete" })));
});
