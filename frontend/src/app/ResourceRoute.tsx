import { ResourcePage } from "@/features/resources/ResourcePage";
import { RESOURCE_TABS } from "./resourceTabs";

export default function ResourceRoute() {
  return <ResourcePage tabs={RESOURCE_TABS} />;
}
