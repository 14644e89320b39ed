"""Parts of a service that are objects of their own: how it is built, deployed, checked, mounted and reached.

Source: Compose Specification, compose-spec.json and 05-services.md, build.md, deploy.md, develop.md.
"""

from __future__ import annotations

from imports.domain.compose import mappings
from imports.domain.compose.kinds import Either, Items, Kind, Made, Scalar, Struct
from imports.domain.compose.schema_values import (
    CHOICE,
    COMMAND,
    COUNT,
    DELAY,
    DURATION,
    FILE_REFERENCES,
    FLAG,
    HOSTS,
    INTEGER,
    LIST,
    NAMED,
    ONE_OR_MORE_NAMED,
    OPTIONS,
    PAIRS,
    RATIO,
    SIZE,
    TEXT,
    TEXTS,
    ULIMITS,
    VARIABLES,
    S,
    device_count,
)
from imports.domain.compose.units import as_text, count, cpus, size_bytes, whole

HOOK = Struct(
    {"command": COMMAND, "user": TEXT, "privileged": FLAG, "working_dir": TEXT, "environment": VARIABLES},
    required=("command",),
)
DEVICE_REQUEST: dict[str, Kind] = {
    "capabilities": NAMED,
    "driver": TEXT,
    "count": Scalar((S, "integer"), device_count, zero=0),
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
        "ssh": Made(PAIRS, mappings.ssh_keys),
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
