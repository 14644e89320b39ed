"""Routes of accounts, below /api/v1/."""

from django.urls import path

from kubeorch.accounts.views import invites, people, session, settings, teams, tokens

urlpatterns = [
    path("auth/session", session.SessionView.as_view()),
    path("auth/register", session.RegisterView.as_view()),
    path("auth/login", session.LoginView.as_view()),
    path("auth/logout", session.LogoutView.as_view()),
    path("auth/profile", session.ProfileView.as_view()),
    path("auth/password", session.PasswordView.as_view()),
    path("auth/reset", session.ResetView.as_view()),
    path("auth/tokens", tokens.TokensView.as_view()),
    path("auth/tokens/<str:token_id>", tokens.TokenView.as_view()),
    path("invites", invites.InvitesView.as_view()),
    path("invites/accept", invites.AcceptInviteView.as_view()),
    path("invites/<str:invite_id>", invites.InviteView.as_view()),
    path("teams", teams.TeamsView.as_view()),
    path("teams/<str:team_id>/members", teams.MembersView.as_view()),
    path("teams/<str:team_id>/members/<str:user_id>", teams.MemberView.as_view()),
    path("people", people.PeopleView.as_view()),
    path("people/<str:user_id>", people.PersonView.as_view()),
    path("people/<str:user_id>/password-reset", people.PasswordResetView.as_view()),
    path("settings", settings.SettingsView.as_view()),
]
