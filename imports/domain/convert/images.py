"""What is publicly documented of well-known images: their ports, whether they store data, the group they run as."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kubeorch.base.records import record


@record
class ImageFacts:
    """`ports` in the container (TCP); `fs_group` where the program runs as another user than root.

    `empty_at` is the data directory that the program sets up only where it has nothing in it, not even `lost+found`.
    """

    ports: tuple[int, ...] = ()
    stores: bool = False
    fs_group: int | None = None
    empty_at: str = ""


DATA_PATH = re.compile(r"/(?:data|db|database|backups?|uploads?|storage|media|logs?|cache|var/lib/[^/]+)(?:/|\Z)")
"""A path in a container at which programs usually write."""
_FACTS: Mapping[str, ImageFacts] = {
    **dict.fromkeys(
        ("postgres", "postgis", "timescaledb", "pgvector", "postgresql"),
        ImageFacts((5432,), True, empty_at="/var/lib/postgresql/data"),
    ),
    **dict.fromkeys(
        ("mysql", "mariadb", "percona", "mysql-server"), ImageFacts((3306,), True, empty_at="/var/lib/mysql")
    ),
    **dict.fromkeys(("mongo", "mongodb"), ImageFacts((27017,), True)),
    **dict.fromkeys(("redis", "valkey", "keydb", "redis-stack", "dragonfly"), ImageFacts((6379,), True)),
    "memcached": ImageFacts((11211,)),
    "rabbitmq": ImageFacts((5672,), True),
    "nats": ImageFacts((4222,), True),
    "elasticsearch": ImageFacts((9200,), True, 1000),
    "opensearch": ImageFacts((9200,), True, 1000),
    "zookeeper": ImageFacts((2181,), True, 1000),
    "cp-zookeeper": ImageFacts((2181,), True, 1000),
    "kafka": ImageFacts((9092,), True, 1000),
    "cp-kafka": ImageFacts((9092,), True, 1000),
    "redpanda": ImageFacts((9092,), True, 101),
    "cassandra": ImageFacts((9042,), True),
    "couchdb": ImageFacts((5984,), True),
    "neo4j": ImageFacts((7687,), True, 7474),
    "influxdb": ImageFacts((8086,), True),
    "clickhouse": ImageFacts((8123, 9000), True, 101),
    "clickhouse-server": ImageFacts((8123, 9000), True, 101),
    "cockroach": ImageFacts((26257,), True),
    "etcd": ImageFacts((2379,), True),
    "consul": ImageFacts((8500,), True),
    "minio": ImageFacts((9000,), True),
    "prometheus": ImageFacts((9090,), True, 65534),
    "alertmanager": ImageFacts((9093,), False, 65534),
    "loki": ImageFacts((3100,), False, 10001),
    "grafana": ImageFacts((3000,), False, 472),
    "grafana-enterprise": ImageFacts((3000,), False, 472),
    "n8n": ImageFacts((5678,), False, 1000),
    "node-red": ImageFacts((1880,), False, 1000),
    "jenkins": ImageFacts((8080,), False, 1000),
    "keycloak": ImageFacts((8080,)),
    "kibana": ImageFacts((5601,), False, 1000),
    "logstash": ImageFacts((5044,), False, 1000),
    "mailhog": ImageFacts((1025, 8025)),
    "mailpit": ImageFacts((1025, 8025)),
    "nginx": ImageFacts((80,)),
    "httpd": ImageFacts((80,)),
    "caddy": ImageFacts((80,)),
}
"""Source: the documentation of each image: its ports, its data directory, its user."""

SCHEME_PORTS: Mapping[str, int] = {
    "http": 80,
    "https": 443,
    "ws": 80,
    "wss": 443,
    "redis": 6379,
    "rediss": 6379,
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "mongodb": 27017,
    "amqp": 5672,
    "amqps": 5671,
    "nats": 4222,
    "ldap": 389,
    "ldaps": 636,
    "smtp": 25,
    "mqtt": 1883,
}
"""The port that a URL means when it names none. Source: IANA, and the client documentation of each program."""

PORT_NAMES: Mapping[int, str] = {
    21: "ftp",
    22: "ssh",
    25: "smtp",
    53: "dns",
    110: "pop3",
    143: "imap",
    389: "ldap",
    636: "ldaps",
    465: "smtps",
    587: "smtp",
    993: "imaps",
    1025: "smtp",
    1433: "mssql",
    1521: "oracle",
    1883: "mqtt",
    2181: "zookeeper",
    3306: "mysql",
    4222: "nats",
    5432: "postgres",
    5671: "amqps",
    5672: "amqp",
    6379: "redis",
    9042: "cql",
    9092: "kafka",
    11211: "memcached",
    27017: "mongodb",
}
"""The protocol that a TCP port usually speaks where that is not HTTP, by its name in the cluster."""


def facts_of(image: str) -> ImageFacts:
    """What is known of an image by the last part of its name, without tag and digest."""
    return _FACTS.get(image_name(image), ImageFacts())


def empty_directories(image: str, environment: Mapping[str, str], words: Iterable[str]) -> frozenset[str]:
    """Where a container needs an empty directory: see `ImageFacts.empty_at`. It may be told to use another one.

    Source: documentation of the images postgres (PGDATA) and mysql (`--datadir`).
    """
    usual = facts_of(image).empty_at
    options = (word.removeprefix("--datadir=") for word in words if usual and word.startswith("--datadir="))
    given = (environment.get("PGDATA", ""), *options)  # images made of postgres have any name
    return frozenset(path.rstrip("/") for path in (usual, *given) if path)


def image_name(image: str) -> str:
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()


def scheme_port(scheme: str) -> int | None:
    """`postgresql+psycopg2` counts as `postgresql`."""
    return SCHEME_PORTS.get(scheme.partition("+")[0].lower())
