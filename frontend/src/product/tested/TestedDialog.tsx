import { Plug } from "lucide-react";
import type { ApiProblem } from "@/api";
import { Button, FormDialog, type FormDialogProps } from "@/ui";

interface TestedDialogProps extends Pick<
  FormDialogProps,
  "title" | "description" | "onClose" | "onSubmit" | "children"
> {
  /** The verb on the button that saves. */
  submit: string;
  saving: boolean;
  testing: boolean;
  /** Left out where nothing that is tried can be changed. */
  onTest?: () => void;
  /** Whether what is typed can be tried. */
  isReady: boolean;
  problem: ApiProblem | null;
  /** Fields that show their own errors now. */
  shown: readonly string[];
  /** Said where it was refused. */
  refused: string;
}

/** A form about something outside, which is tried before it is saved. */
export function TestedDialog(props: TestedDialogProps) {
  const { submit, saving, testing, onTest, isReady, problem, shown, refused, ...dialog } = props;
  const isShown = problem?.errors.length && problem.errors.every(({ field }) => shown.includes(field ?? ""));
  return (
    <FormDialog
      {...dialog}
      size="lg"
      submit={submit}
      busy={saving}
      disabled={!isReady}
      failure={problem && !isShown && { title: refused, reason: problem.besides(shown), details: problem.describe() }}
      aside={
        onTest && (
          <Button
            className="mr-auto"
            icon={<Plug size={14} aria-hidden />}
            busy={testing}
            disabled={!isReady}
            onClick={onTest}
          >
            {testing ? "Testing" : "Test"}
          </Button>
        )
      }
    />
  );
}
