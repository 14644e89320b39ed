"""What a Compose file may say, attribute by attribute, and how the model prints it.

Source: Compose Specification, compose-spec.json (which keys, which types) and 05-services.md to 09-secrets.md.
"""

from __future__ import annotations

from imports.domain.compose import mappings
from imports.domain.compose.casts import boolean
from imports.domain.compose.kinds import Either, Ignored, Items, Kind, Made, Map, Scalar, Struct
from imports.domain.compose.units import as_text, count, cpus, duration, file_mode, size_bytes, whole

NAMES = "[a-zA-Z0-9._-]+"


def _flag(value: object) -> bool:
    return boolean(value) if isinstance(value, str) else bool(value)


def _device_count(value: object) -> int:
    return -1 if isinstance(value, str) and value.lower() == "all" else whole(value)


S = "string"
TEXT = Scalar((S,), zero="")
FLAG = Scalar(("boolean", S), _flag, zero=False)
CHOICE = Scalar(("boolean", S), _flag)
"""A flag for which false says something."""
INTEGER = Scalar(("integer", S), whole, zero=0)
NUMBER = Scalar(("number", S), whole, zero=0)
SIZE = Scalar(("number", S), size_bytes, zero="0")
DURATION = Scalar((S,), duration)
DELAY = Scalar((S,), duration, zero="0s")
RATIO = Scalar(("number", S), cpus, zero=0)
COUNT = Scalar(("integer", S), count)
NUMBER_OR_TEXT = Scalar((S, "number"), as_text)
NAMED = Items(Scalar((S,)), unique=True)
LIST = Items(Scalar((S,)))
ONE_OR_MORE = Items(Scalar((S,)), single=True)
ONE_OR_MORE_NAMED = Items(Scalar((S,)), unique=True, single=True)
_PAIRS = Either(NAMED, ("array",), Map(Scalar((S, "number", "boolean", "null"))))
VARIABLES = Made(_PAIRS, mappings.variables)
TEXTS = Made(_PAIRS, mappings.texts)
OPTIONS = Made(Map(Scalar((S, "number"))), mappings.texts)
HOSTS = Made(Either(NAMED, ("array",), Map(ONE_OR_MORE)), mappings.hosts)
_WORDS = Either(Scalar((S, "null")), (S, "null"), LIST)
COMMAND = Made(_WORDS, mappings.words, always_null=True)
EXTERNAL = Made(Either(FLAG, ("boolean", S), Struct({"name": TEXT})), FLAG.final)
ULIMITS = Map(
    Made(
        Either(INTEGER, ("integer", S), Struct({"soft": INTEGER, "hard": INTEGER}, required=("soft", "hard"))),
        mappings.limit,
    )
)
FILE_REFERENCES = Items(
    Either(
        TEXT,
        (S,),
        Struct(
            {"source": TEXT, "target": TEXT, "uid": TEXT, "gid": TEXT, "mode": Scalar(("number", S), file_mode)},
        ),
    )
)
HOOK = Struct(
    {"command": COMMAND, "user": TEXT, "privileged": FLAG, "working_dir": TEXT, "environment": VARIABLES},
    required=("command",),
)
DEVICE_REQUEST: dict[str, Kind] = {
    "capabilities": NAMED,
    "driver": TEXT,
    "count": Scalar((S, "integer"), _device_count, zero=0),
    "device_ids": NAMED,
    "options": TEXTS,
}

BUILD = Struct(
    {
        "context": TEXT,
        "dockerfile": TEXT,
        "dockerfile_inline": TEXT,
        "entitlements": LIST,
        "args": VARIABLES,
        "provenance": Scalar((S, "boolean"), as_text, zero=""),
        "sbom": Scalar((S, "boolean"), as_text, zero=""),
        "ssh": Made(_PAIRS, mappings.ssh_keys),
        "labels": TEXTS,
        "cache_from": LIST,
        "cache_to": LIST,
        "no_cache": FLAG,
        "additional_contexts": TEXTS,
        "pull": FLAG,
        "extra_hosts": HOSTS,
        "isolation": TEXT,
        "network": TEXT,
        "target": TEXT,
        "secrets": FILE_REFERENCES,
        "shm_size": SIZE,
        "tags": LIST,
        "ulimits": ULIMITS,
        "platforms": LIST,
        "privileged": FLAG,
    }
)
_THROTTLE = Items(Struct({"path": TEXT, "rate": Scalar(("integer", S), size_bytes)}, extensions=False))
BLKIO = Struct(
    {
        "weight": Scalar(("integer", S), count, zero=0),
        "weight_device": Items(Struct({"path": TEXT, "weight": Scalar(("integer", S), count)}, extensions=False)),
        "device_read_bps": _THROTTLE,
        "device_read_iops": _THROTTLE,
        "device_write_bps": _THROTTLE,
        "device_write_iops": _THROTTLE,
    },
    extensions=False,
)
DEPENDENCY = Struct(
    {
        "condition": Scalar(
            (S,), choices=("service_started", "service_healthy", "service_completed_successfully"), zero=""
        ),
        "restart": FLAG,
        "required": Scalar(("boolean",)),
    },
    required=("condition",),
)
_UPDATE = Struct(
    {
        "parallelism": COUNT,
        "delay": DELAY,
        "failure_action": TEXT,
        "monitor": DELAY,
        "max_failure_ratio": RATIO,
        "order": Scalar((S,), choices=("start-first", "stop-first")),
    }
)
_GENERIC = Items(
    Struct({"discrete_resource_spec": Struct({"kind": Scalar((S,)), "value": Scalar(("number", S), whole)})})
)
DEPLOY = Struct(
    {
        "mode": TEXT,
        "replicas": Scalar(("integer", S), whole),
        "labels": TEXTS,
        "update_config": _UPDATE,
        "rollback_config": _UPDATE,
        "resources": Struct(
            {
                "limits": Struct(
                    {
                        "cpus": Scalar(("number", S), cpus, zero=0),
                        "memory": Scalar((S,), size_bytes, zero="0"),
                        "pids": INTEGER,
                    }
                ),
                "reservations": Struct(
                    {
                        "cpus": Scalar(("number", S), cpus, zero=0),
                        "memory": Scalar((S,), size_bytes, zero="0"),
                        "generic_resources": _GENERIC,
                        "devices": Items(Struct(DEVICE_REQUEST, required=("capabilities",))),
                    }
                ),
            },
            always=True,
        ),
        "restart_policy": Struct(
            {"condition": TEXT, "delay": DURATION, "max_attempts": COUNT, "window": DURATION},
        ),
        "placement": Struct(
            {
                "constraints": LIST,
                "preferences": Items(Struct({"spread": TEXT})),
                "max_replicas_per_node": Scalar(("integer", S), count, zero=0),
            },
            always=True,
        ),
        "endpoint_mode": TEXT,
    },
    nullable=True,
)
DEVELOP = Struct(
    {
        "watch": Items(
            Struct(
                {
                    "path": Scalar((S,)),
                    "action": Scalar((S,), choices=("rebuild", "sync", "restart", "sync+restart", "sync+exec")),
                    "target": TEXT,
                    "exec": Struct(dict(HOOK.fields), required=("command",), always=True),
                    "include": ONE_OR_MORE_NAMED,
                    "ignore": ONE_OR_MORE_NAMED,
                    "initial_sync": Scalar(("boolean",), zero=False),
                },
                required=("path", "action"),
            )
        )
    },
    nullable=True,
)
HEALTHCHECK = Struct(
    {
        "test": Made(Either(TEXT, (S,), LIST), mappings.health_test),
        "timeout": DURATION,
        "interval": DURATION,
        "retries": Scalar(("number", S), count),
        "start_period": DURATION,
        "start_interval": DURATION,
        "disable": FLAG,
    }
)
MOUNT = Struct(
    {
        "type": Scalar((S,), choices=("bind", "volume", "tmpfs", "cluster", "npipe", "image")),
        "source": TEXT,
        "target": TEXT,
        "read_only": FLAG,
        "consistency": TEXT,
        "bind": Struct(
            {
                "selinux": Scalar((S,), choices=("z", "Z")),
                "propagation": TEXT,
                "create_host_path": FLAG,
                "recursive": Scalar((S,), choices=("enabled", "disabled", "writable", "readonly")),
            }
        ),
        "volume": Struct({"labels": TEXTS, "nocopy": FLAG, "subpath": TEXT}),
        "tmpfs": Struct(
            {
                "size": Scalar(("integer", S), size_bytes, zero="0", low=0),
                "mode": Scalar(("number", S), count, zero=0),
            }
        ),
        "image": Struct({"subpath": TEXT}),
    },
    required=("type",),
)
PORT = Struct(
    {
        "name": TEXT,
        "mode": TEXT,
        "host_ip": TEXT,
        "target": Scalar(("integer", S), count, zero=0, high=65_535, low=0),
        "published": Scalar((S, "integer"), as_text, zero=""),
        "protocol": TEXT,
        "app_protocol": TEXT,
    }
)
SERVICE_NETWORK = Struct(
    {
        "aliases": NAMED,
        "driver_opts": OPTIONS,
        "gw_priority": Scalar(("number",), whole, zero=0),
        "interface_name": TEXT,
        "ipv4_address": TEXT,
        "ipv6_address": TEXT,
        "link_local_ips": NAMED,
        "mac_address": TEXT,
        "priority": Scalar(("number",), whole, zero=0),
    },
    nullable=True,
)
SERVICE_MODEL = Struct({"endpoint_var": TEXT, "model_var": TEXT}, nullable=True)
ENV_FILES = Either(
    TEXT,
    (S,),
    Items(
        Either(
            TEXT,
            (S,),
            Struct({"path": Scalar((S,)), "required": CHOICE, "format": TEXT}, required=("path",), extensions=False),
        )
    ),
)
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
