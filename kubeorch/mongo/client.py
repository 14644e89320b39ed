"""MongoDB for raw collections: the same client as Django's ORM, so that both can share a transaction."""

from __future__ import annotations

import os
from typing import Any

from bson.codec_options import CodecOptions
from django.conf import settings
from django.db import connections
from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

Document = dict[str, Any]

AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
"""Raw readers get aware times. The client itself stays naive, because the ORM makes its times aware by itself."""

_client: tuple[int, MongoClient[Document]] | None = None


def client() -> MongoClient[Document]:
    """The one client of this process; created anew after a fork."""
    global _client
    if _client is None or _client[0] != os.getpid():
        connection = connections["default"]
        connection.ensure_connection()
        _client = (os.getpid(), connection.connection)
    return _client[1]


def db() -> Database[Document]:
    """The product's database. Writes are acknowledged by a majority and journaled (set in the URI options)."""
    return client().get_database(_conf()["NAME"], codec_options=AWARE)


def aio_client() -> AsyncMongoClient[Document]:
    """A new asynchronous client bound to the running loop; the caller keeps and closes it."""
    conf = _conf()
    return AsyncMongoClient(conf["HOST"], **conf["OPTIONS"])


def aio_db(of: AsyncMongoClient[Document]) -> AsyncDatabase[Document]:
    return of.get_database(_conf()["NAME"], codec_options=AWARE)


def forget_client() -> None:
    """Drop the cached client, so that the next call asks Django again (tests change databases)."""
    global _client
    _client = None


def _conf() -> dict[str, Any]:
    conf: dict[str, Any] = settings.DATABASES["default"]
    return conf
