import { ClusterLayout } from "@/features/cluster/ClusterLayout";
import { CLUSTER_SECTIONS } from "./clusterSections";

export default function ClusterRoute() {
  return <ClusterLayout sections={CLUSTER_SECTIONS} />;
}
