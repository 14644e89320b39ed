from django.urls import path

from kubeorch.accounts.views import session as views

urlpatterns = [
    path("auth/session", views.SessionView.as_view(), name="auth-session"),
    path("auth/register", views.RegisterView.as_view(), name="auth-register"),
    path("auth/login", views.LoginView.as_view(), name="auth-login"),
    path("auth/logout", views.LogoutView.as_view(), name="auth-logout"),
    path("auth/profile", views.ProfileView.as_view(), name="auth-profile"),
    path("auth/password", views.PasswordView.as_view(), name="auth-password"),
    path("auth/tokens", views.TokensView.as_view(), name="tokens"),
    path("auth/tokens/<str:token_id>", views.TokenView.as_view(), name="token"),
    path("invites", views.InvitesView.as_view(), name="invites"),
    path("invites/accept", views.AcceptInviteView.as_view(), name="invite-accept"),
    path("invites/<str:invite_id>", views.InviteView.as_view(), name="invite"),
    path("teams", views.TeamsView.as_view(), name="teams"),
    path("teams/<str:team_id>/members", views.MembersView.as_view(), name="members"),
    path("teams/<str:team_id>/members/<str:user_id>", views.MemberView.as_view(), name="member"),
    path("settings", views.SettingsView.as_view(), name="settings"),
]
