"""Of a message that is too long to keep, the beginning and the end are kept: the cause of wrapped errors comes last."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.diagnosing.finding import Proof
from clusters.domain.objects import Ref
from clusters.domain.observed import OtherStatus, PodStatus
from clusters.domain.plain_text import shortened
from clusters.domain.projection import project, warning_event
from clusters.domain.readers.parts import MESSAGE_LIMIT
from clusters.domain.refusals import pull_words

IMAGE = f"10.88.0.1:19193/shop-team/a-web-application@sha256:{'598d149598845bf9' * 4}"
CAUSE = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
UNTRUSTED = (
    f'Back-off pulling image "{IMAGE}": ErrImagePull: failed to pull and unpack image "{IMAGE}": failed to resolve '
    f'reference "{IMAGE}": failed to do request: Head "https://{IMAGE.replace("@", "/manifests/")}": {CAUSE}'
)


def manifest(status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "web", "uid": "u1"}, "status": status}


def test_the_cause_of_a_pull_that_failed_is_kept_and_known() -> None:
    assert len(UNTRUSTED) > MESSAGE_LIMIT
    state = {"waiting": {"reason": "ImagePullBackOff", "message": UNTRUSTED}}
    seen = project("v1", "Pod", manifest({"phase": "Pending", "containerStatuses": [{"name": "web", "state": state}]}))
    assert isinstance(seen.status, PodStatus)
    kept = seen.status.troubles[0].message
    assert kept.startswith(f'Back-off pulling image "{IMAGE}": ')
    assert kept.endswith(CAUSE)
    assert len(kept) <= MESSAGE_LIMIT
    assert pull_words(kept, "ImagePullBackOff", IMAGE) == "the registry's certificate is not trusted"
    told = Proof(Ref("v1", "Pod", "shop", "web"), f"ImagePullBackOff: {kept}").as_json()["message"]
    assert told.endswith(CAUSE)


def test_no_other_message_loses_its_end() -> None:
    long = f"reconcile: {'step failed: ' * 80}the disk is full"
    row = {"type": "Ready", "status": "False", "reason": "Error", "message": long}
    seen = project("db.example/v1", "Database", manifest({"conditions": [row], "error": {"message": long}}))
    assert isinstance(seen.status, OtherStatus)
    event = warning_event({"involvedObject": {"uid": "u1"}, "type": "Warning", "message": long})
    assert event is not None
    for kept in (seen.status.conditions[0].message, seen.status.error, event.message):
        assert (kept.startswith("reconcile: "), kept.endswith("the disk is full")) == (True, True)
        assert len(kept) <= MESSAGE_LIMIT


@pytest.mark.parametrize("words", ["", "short", "x" * 601, ": " * 400, 'a "' * 300, "x" * 598 + ": y"])
def test_what_is_shortened_is_no_longer_than_it_may_be(words: str) -> None:
    found = shortened(words, 600)
    assert len(found) <= 600
    assert (found == words) == (len(words) <= 600)
