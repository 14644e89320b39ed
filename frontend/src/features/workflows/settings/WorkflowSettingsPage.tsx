import { covers, roleIn } from "@/model/roles";
import { useSession } from "@/product";
import { TwoColumns } from "@/ui";
import { useOpenWorkflow } from "../WorkflowLayout";
import { DetailsCard } from "./DetailsCard";
import { EndCard } from "./EndCard";
import { EnvironmentsCard } from "./EnvironmentsCard";

/** The settings of one workflow: where it runs, what it is called, and its end. */
export default function WorkflowSettingsPage() {
  const workflow = useOpenWorkflow();
  const user = useSession().data?.user;
  const mayEdit = covers(roleIn(user, workflow.team.id), "editor");
  const writable = mayEdit && workflow.state !== "archived";
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <TwoColumns
        className="px-5 pt-5 pb-10"
        first={<EnvironmentsCard workflow={workflow} writable={writable} />}
        second={
          <>
            <DetailsCard key={workflow.id} workflow={workflow} writable={writable} />
            {mayEdit && <EndCard workflow={workflow} />}
          </>
        }
      />
    </div>
  );
}
