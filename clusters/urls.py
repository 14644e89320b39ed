from django.urls import path

from clusters import views

urlpatterns = [
    path("clusters", views.ClustersView.as_view(), name="clusters"),
    path("clusters/<str:cluster_id>", views.ClusterView.as_view(), name="cluster"),
    path("clusters/<str:cluster_id>/test", views.ClusterTestView.as_view(), name="cluster-test"),
    path("clusters/<str:cluster_id>/namespaces", views.NamespacesView.as_view(), name="cluster-namespaces"),
    path("clusters/<str:cluster_id>/kubeconfig", views.KubeconfigView.as_view(), name="cluster-kubeconfig"),
]
