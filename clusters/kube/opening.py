"""One HTTP request through a pool of connections, to the head of its answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import urllib3
from urllib3 import exceptions as transport

from clusters.kube.allowance import Allowance
from clusters.kube.errors import NotKubernetes
from clusters.kube.wire import outgoing


def opened(
    pool: urllib3.HTTPConnectionPool,
    method: str,
    url: str,
    headers: Mapping[str, str],
    payload: bytes | None,
    allowance: Allowance,
    guard: Callable[[], None] | None = None,
    *,
    connect_s: float,
) -> urllib3.BaseHTTPResponse:
    """The answer, its body not read yet. Its bytes are what they are: nothing is unpacked."""
    outgoing.allowance, outgoing.guard = allowance, guard
    try:
        while True:
            try:
                response = pool.urlopen(
                    method,
                    url,
                    body=payload,
                    headers=headers,
                    preload_content=False,
                    decode_content=False,
                    redirect=False,
                    retries=False,
                    pool_timeout=math.ceil(allowance.slice_s()),
                    timeout=urllib3.Timeout(connect=connect_s, read=None),
                )
            except transport.EmptyPoolError:
                continue  # all connections are busy; the allowance says for how long
            break
    finally:
        outgoing.guard = None
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        response.close()
        raise NotKubernetes  # we ask for none
    return response
