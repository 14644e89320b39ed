import { lazy, Suspense, type ComponentType } from "react";
import { createBrowserRouter, Navigate } from "react-router";
import { SkeletonRows } from "@/ui";
import { Crash } from "./Crash";
import { EditorRoute } from "./EditorRoute";
import { NotFound } from "./NotFound";
import { Guest, SignedIn } from "./Session";

/** A page loaded on demand, shown as a skeleton until it has arrived. */
function page(load: () => Promise<{ default: ComponentType }>) {
  const Page = lazy(load);
  return (
    <Suspense fallback={<SkeletonRows className="pt-16" />}>
      <Page />
    </Suspense>
  );
}

export const router = createBrowserRouter([
  {
    errorElement: <Crash />,
    children: [
      {
        element: <Guest />,
        children: [
          { path: "/login", element: page(() => import("@/features/auth/LoginPage")) },
          { path: "/reset", element: page(() => import("@/features/auth/ResetPage")) },
          { path: "/register", element: page(() => import("@/features/auth/RegisterPage")) },
        ],
      },
      {
        element: <SignedIn />,
        children: [
          {
            errorElement: <Crash inside />,
            children: [
              { path: "/", element: <Navigate to="/workflows" replace /> },
              { path: "/workflows", element: page(() => import("@/features/workflows/WorkflowsPage")) },
              {
                path: "/workflows/:workflowId",
                element: (
                  <Suspense fallback={<SkeletonRows className="pt-16" />}>
                    <EditorRoute />
                  </Suspense>
                ),
              },
              {
                // No path of its own: that is the editor's.
                element: page(() => import("@/features/workflows/WorkflowLayout")),
                children: [
                  {
                    path: "/workflows/:workflowId/runs",
                    element: page(() => import("@/features/runs/WorkflowRunsPage")),
                  },
                  {
                    path: "/workflows/:workflowId/versions",
                    element: page(() => import("@/features/workflows/versions/VersionsPage")),
                  },
                  {
                    path: "/workflows/:workflowId/environments/:environmentId",
                    element: page(() => import("@/features/workflows/environments/EnvironmentPage")),
                  },
                  {
                    path: "/workflows/:workflowId/environments/:environmentId/owners",
                    element: page(() => import("@/features/workflows/environments/OwnersPage")),
                  },
                  {
                    path: "/workflows/:workflowId/settings",
                    element: page(() => import("@/features/workflows/settings/WorkflowSettingsPage")),
                  },
                ],
              },
              { path: "/imports", element: page(() => import("@/features/imports/ImportsPage")) },
              { path: "/imports/new", element: page(() => import("@/features/imports/NewImportPage")) },
              { path: "/imports/:importId", element: page(() => import("./ImportRoute")) },
              { path: "/builds", element: page(() => import("@/features/builds/BuildsPage")) },
              { path: "/builds/sources", element: page(() => import("@/features/builds/SourcesPage")) },
              { path: "/builds/engines", element: page(() => import("@/features/builds/EnginesPage")) },
              { path: "/builds/:buildId", element: page(() => import("@/features/builds/BuildPage")) },
              { path: "/from-git", element: page(() => import("@/features/newFromGit/NewFromGitPage")) },
              { path: "/from-git/:detectionId", element: page(() => import("@/features/newFromGit/DetectionPage")) },
              { path: "/runs", element: page(() => import("@/features/runs/RunsPage")) },
              { path: "/runs/:runId", element: page(() => import("@/features/runs/RunPage")) },
              { path: "/drift", element: page(() => import("@/features/drift/DriftPage")) },
              { path: "/approvals", element: page(() => import("@/features/approvals/ApprovalsPage")) },
              { path: "/clusters", element: page(() => import("@/features/clusters/ClustersPage")) },
              { path: "/clusters/:clusterId", element: page(() => import("./ClusterRoute")) },
              { path: "/clusters/:clusterId/:section", element: page(() => import("./ClusterRoute")) },
              {
                path: "/clusters/:clusterId/resources/:kind/:namespace/:name",
                element: page(() => import("./ResourceRoute")),
              },
              {
                path: "/git-connections",
                element: page(() => import("@/features/connections/ConnectionsPage")),
              },
              {
                path: "/git-connections/signed-in",
                element: page(() => import("@/features/connections/SignedInPage")),
              },
              { path: "/registries", element: page(() => import("@/features/registries/RegistriesPage")) },
              { path: "/registries/images", element: page(() => import("@/features/registries/StoredImagesPage")) },
              { path: "/settings", element: <Navigate to="/settings/profile" replace /> },
              { path: "/settings/:section", element: page(() => import("@/features/settings/SettingsPage")) },
              { path: "*", element: <NotFound /> },
            ],
          },
        ],
      },
    ],
  },
]);
