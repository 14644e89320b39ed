"""Which engines this installation has, and which one builds a source."""

from __future__ import annotations

from functools import cache

from bson import ObjectId
from django.conf import settings
from pymongo.client_session import ClientSession

from builds.domain.engines import LOCAL, chosen_engine
from builds.engines.cluster.engine import ClusterEngine
from builds.engines.local.engine import LocalEngine
from builds.engines.local.place import place_in
from builds.engines.protocol import Engine
from builds.engines.services import store
from builds.engines.services.engine import ServiceEngine
from clusters.addresses import is_private_server


def may_share_network() -> bool:
    """Whether images are built here although steps have the network of this machine."""
    return settings.BUILD_LOCALLY or is_private_server()


@cache
def local_engine() -> LocalEngine:
    """The one of this process."""
    return LocalEngine(place_in(settings.DATA_DIR), may_share_network)


def engine_for(team_id: ObjectId, engine: str) -> Engine:
    """The engine that a build of the team was given to. Raises NoSuchEngine."""
    return local_engine() if engine in ("", LOCAL) else engine_in(store.for_team(team_id, engine))


def is_of_team(team_id: ObjectId, engine: str) -> bool:
    """Whether people of the team have the engine in their hands, and read what it is given. Raises NoSuchEngine."""
    return engine not in ("", LOCAL) and store.for_team(team_id, engine)["team_id"] is not None


def engine_in(row: store.Service) -> Engine:
    return ClusterEngine(row) if "cluster" in row else ServiceEngine(row)


def engine_of_source(team_id: ObjectId, asked: str, session: ClientSession) -> str:
    """Where a build of a source that asks for `asked` goes; the engine is not removed before the transaction has ended.

    Raises NoSuchEngine.
    """
    found = chosen_engine(asked, store.choices_of(team_id, session))
    if found is None:
        raise store.NoSuchEngine
    if found != LOCAL:
        store.hold(found, session)
    return found


def slots(session: ClientSession | None = None) -> dict[str, int]:
    """Builds at once, by engine."""
    return {LOCAL: settings.BUILD_SLOTS, **store.slots(session)}
