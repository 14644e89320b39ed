"""What a Compose file may say, attribute by attribute, and how the model prints it.

Source: Compose Specification, compose-spec.json (which keys, which types) and 05-services.md to 09-secrets.md.
"""

from __future__ import annotations

from imports.domain.compose import mappings
from imports.domain.compose.kinds import Either, Ignored, Items, Kind, Made, Map, Scalar, Struct
from imports.domain.compose.schema_parts import (
    BLKIO,
    BUILD,
    DEPENDENCY,
    DEPLOY,
    DEVELOP,
    DEVICE_REQUEST,
    ENV_FILES,
    HEALTHCHECK,
    HOOK,
    MOUNT,
    PORT,
    SERVICE_MODEL,
    SERVICE_NETWORK,
)
from imports.domain.compose.schema_values import (
    CHOICE,
    COMMAND,
    DURATION,
    EXTERNAL,
    FILE_REFERENCES,
    FLAG,
    HOSTS,
    LIST,
    NAMED,
    NAMES,
    NUMBER,
    NUMBER_OR_TEXT,
    ONE_OR_MORE,
    ONE_OR_MORE_NAMED,
    OPTIONS,
    RATIO,
    SIZE,
    TEXT,
    TEXTS,
    ULIMITS,
    VARIABLES,
    S,
)
from imports.domain.compose.units import cpus, size_bytes, whole

SERVICE_FIELDS: dict[str, Kind] = {
    "profiles": NAMED,
    "annotations": TEXTS,
    "attach": CHOICE,
    "build": Either(TEXT, (S,), BUILD),
    "develop": DEVELOP,
    "blkio_config": BLKIO,
    "cap_add": NAMED,
    "cap_drop": NAMED,
    "cgroup_parent": TEXT,
    "cgroup": Scalar((S,), choices=("host", "private")),
    "cpu_count": Scalar((S, "integer"), whole, zero=0, low=0),
    "cpu_percent": Scalar((S, "integer"), cpus, zero=0, low=0, high=100),
    **dict.fromkeys(["cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares"], NUMBER),
    "cpus": RATIO,
    "cpuset": TEXT,
    "command": COMMAND,
    "configs": FILE_REFERENCES,
    "container_name": Scalar((S,), pattern="[a-zA-Z0-9][a-zA-Z0-9_.-]+"),
    "credential_spec": Struct({"config": TEXT, "file": TEXT, "registry": TEXT}),
    "depends_on": Either(NAMED, ("array",), Map(DEPENDENCY, NAMES)),
    "deploy": DEPLOY,
    "device_cgroup_rules": NAMED,
    "devices": Items(
        Either(TEXT, (S,), Struct({"source": TEXT, "target": TEXT, "permissions": TEXT}, required=("source",)))
    ),
    "dns": Made(ONE_OR_MORE_NAMED, mappings.not_empty),
    "dns_opt": NAMED,
    "dns_search": ONE_OR_MORE_NAMED,
    "domainname": TEXT,
    "entrypoint": COMMAND,
    "provider": Struct(
        {
            "type": TEXT,
            "options": Made(
                Map(Either(Items(Scalar((S, "number", "boolean"))), ("array",), Scalar((S, "number", "boolean")))),
                mappings.several,
            ),
        },
        required=("type",),
    ),
    "environment": VARIABLES,
    "env_file": ENV_FILES,
    "expose": Items(NUMBER_OR_TEXT, unique=True),
    "extends": Either(TEXT, (S,), Struct({"service": TEXT, "file": TEXT}, required=("service",), extensions=False)),
    "external_links": NAMED,
    "extra_hosts": HOSTS,
    "group_add": Items(NUMBER_OR_TEXT, unique=True),
    "gpus": Either(Scalar((S,), choices=("all",)), (S,), Items(Struct(DEVICE_REQUEST, open=True))),
    "hostname": TEXT,
    "healthcheck": HEALTHCHECK,
    "image": TEXT,
    "init": CHOICE,
    "ipc": TEXT,
    "isolation": TEXT,
    "labels": TEXTS,
    "label_file": ONE_OR_MORE,
    "links": NAMED,
    "logging": Struct(
        {"driver": TEXT, "options": Made(Map(Scalar((S, "number", "null"))), mappings.texts)},
    ),
    "mem_limit": SIZE,
    "mem_reservation": Scalar((S, "integer"), size_bytes, zero="0"),
    "memswap_limit": SIZE,
    "mem_swappiness": Scalar(("integer", S), size_bytes, zero="0"),
    "mac_address": TEXT,
    "models": Either(NAMED, ("array",), Map(SERVICE_MODEL)),
    "network_mode": TEXT,
    "networks": Either(NAMED, ("array",), Map(SERVICE_NETWORK, NAMES)),
    "oom_kill_disable": FLAG,
    "oom_score_adj": Scalar((S, "integer"), whole, zero=0, low=-1000, high=1000),
    "pid": Scalar((S, "null"), zero=""),
    "pids_limit": NUMBER,
    "platform": TEXT,
    "ports": Items(Either(Scalar(("number", S)), ("integer", "number", S), PORT), unique=True),
    "privileged": FLAG,
    "pull_policy": Scalar(
        (S,), pattern="always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+"
    ),
    "pull_refresh_after": Ignored(TEXT),
    "read_only": FLAG,
    "restart": TEXT,
    "runtime": TEXT,
    "scale": Scalar(("integer", S), whole),
    "secrets": FILE_REFERENCES,
    "security_opt": NAMED,
    "shm_size": SIZE,
    "stdin_open": FLAG,
    "stop_grace_period": DURATION,
    "stop_signal": TEXT,
    "storage_opt": Made(Map(Scalar((S, "number", "boolean", "null"))), mappings.texts),
    "sysctls": TEXTS,
    "tmpfs": ONE_OR_MORE_NAMED,
    "tty": FLAG,
    "ulimits": ULIMITS,
    "use_api_socket": Scalar(("boolean",), zero=False),
    "user": TEXT,
    "userns_mode": TEXT,
    "uts": TEXT,
    "volumes": Items(Either(TEXT, (S,), MOUNT), unique=True),
    "volumes_from": NAMED,
    "working_dir": TEXT,
    "post_start": Items(HOOK),
    "pre_stop": Items(HOOK),
}
SERVICE = Struct(SERVICE_FIELDS)
NETWORK = Struct(
    {
        "name": TEXT,
        "driver": TEXT,
        "driver_opts": OPTIONS,
        "ipam": Struct(
            {
                "driver": TEXT,
                "config": Items(
                    Struct(
                        {
                            "subnet": TEXT,
                            "gateway": TEXT,
                            "ip_range": TEXT,
                            "aux_addresses": Made(Map(Scalar((S,))), mappings.texts),
                        }
                    )
                ),
                "options": Ignored(Map(Scalar((S,)))),
            },
            always=True,
        ),
        "external": EXTERNAL,
        "internal": FLAG,
        "attachable": FLAG,
        "labels": TEXTS,
        "enable_ipv4": CHOICE,
        "enable_ipv6": CHOICE,
    },
    nullable=True,
)
VOLUME = Struct(
    {"name": TEXT, "driver": TEXT, "driver_opts": OPTIONS, "external": EXTERNAL, "labels": TEXTS}, nullable=True
)
_FILE_OBJECT: dict[str, Kind] = {"name": TEXT, "file": TEXT, "environment": TEXT}
SECRET = Struct(
    {
        **_FILE_OBJECT,
        "external": EXTERNAL,
        "labels": TEXTS,
        "driver": TEXT,
        "driver_opts": OPTIONS,
        "template_driver": TEXT,
    }
)
CONFIG = Struct({**_FILE_OBJECT, "content": TEXT, "external": EXTERNAL, "labels": TEXTS, "template_driver": TEXT})
MODEL = Struct(
    {
        "name": TEXT,
        "model": TEXT,
        "context_size": Scalar(("integer",), whole, zero=0),
        "runtime_flags": LIST,
    },
    required=("model",),
)
_INCLUDE = Struct(
    {"path": ONE_OR_MORE_NAMED, "env_file": ONE_OR_MORE_NAMED, "project_directory": TEXT}, extensions=False
)
FILE = Struct(
    {
        "version": TEXT,
        "name": TEXT,
        "include": Items(Either(TEXT, (S,), _INCLUDE)),
        "services": Map(SERVICE, NAMES, empty=True),
        "models": Map(MODEL),
        "networks": Map(NETWORK),
        "volumes": Map(VOLUME, NAMES),
        "secrets": Map(SECRET, NAMES),
        "configs": Map(CONFIG, NAMES),
    }
)
