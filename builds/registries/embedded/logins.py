"""Whoever may not look into a team's registries any more pulls no more of its images by a password of their own."""

from __future__ import annotations

from builds.registries.embedded import known
from kubeorch.accounts.store import principal_of_user


def end_logins() -> None:
    """End those of people who have left the team, may less in it, or are blocked: for every process, as often as it
    likes. A token that was given before lasts some minutes."""
    if not known.is_on():
        return
    place = known.place()
    if ended := {login for login in place.logins() if not _may_pull(*login.split("/"))}:
        place.end_logins(ended)


def _may_pull(team_id: str, user_id: str) -> bool:
    person = principal_of_user(user_id)
    return person is not None and person.may("registry.use", team_id)
