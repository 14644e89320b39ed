import { asProblem } from "@/api";
import type { Member } from "@/contract";
import { ConfirmDialog, ErrorState } from "@/ui";
import { useRemoveMember } from "../queries";

export function RemoveMemberDialog({
  teamId,
  teamName,
  member,
  self,
  onClose,
}: {
  teamId: string;
  teamName: string;
  member: Member;
  self: boolean;
  onClose: () => void;
}) {
  const remove = useRemoveMember(teamId);
  const problem = remove.error ? asProblem(remove.error) : null;
  const called = member.name || member.email;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={self ? `Leave ${teamName}` : `Remove ${called} from ${teamName}`}
      confirmLabel={self ? "Leave team" : "Remove"}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(member.id, { onSuccess: onClose })}
      removed={[
        self
          ? "Your access to the team's workflows and clusters"
          : `The access of ${called} to the team's workflows and clusters`,
      ]}
      kept={["Workflows and runs", self ? "Your account" : `The account of ${called}`]}
      error={
        problem && (
          <ErrorState
            inline
            title={self ? "You have not left the team" : "Not removed"}
            reason={problem.besides([])}
            details={problem.describe()}
          />
        )
      }
    />
  );
}
