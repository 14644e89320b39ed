from __future__ import annotations

from datetime import UTC, datetime

from builds.domain.signing import AccessKey, signed_headers

KEY = AccessKey("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


def test_a_request_is_signed_as_in_amazons_own_test_suite() -> None:
    """`post-vanilla` of the Signature Version 4 test suite."""
    headers = signed_headers(
        KEY,
        region="us-east-1",
        service="service",
        host="example.amazonaws.com",
        headers={},
        body=b"",
        at=datetime(2015, 8, 30, 12, 36, tzinfo=UTC),
    )
    assert headers == {
        "X-Amz-Date": "20150830T123600Z",
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    }
    assert KEY.secret not in str(headers)
    assert KEY.secret not in repr(KEY)
