"""What the stand-in's log tells of each request, and what it must not."""

import json
import re

import httpx


def test_the_log_tells_each_request_and_what_became_of_it(gateway):
    request_id, payment_id = gateway.new("UNKNOWN-1"), gateway.new("P")
    since = gateway.admin("GET", "requests")["next"]
    gateway.cancel(request_id, payment_id)
    answer = gateway.cancel(request_id, payment_id)
    page = gateway.admin("GET", "requests", params={"since": since})
    first, second = page["requests"]
    assert [first["index"], second["index"], page["next"]] == [since, since + 1, since + 2]
    assert [first["attempt"], second["attempt"]] == [1, 2]
    assert [first["scenario"], second["scenario"]] == ["UNKNOWN", "SUCCEEDS"]
    assert (first["resultStatus"], first["resultCode"]) == ("U", "UNKNOWN_EXCEPTION")
    assert (second["httpStatus"], second["answer"]) == (200, "signed")
    assert second["body"].encode() == answer.request.content
    assert second["responseBody"].encode() == answer.content
    assert first["requestHeaders"]["request-time"] == first["requestTime"]
    assert first["receivedAt"] <= first["answeredAt"] <= second["receivedAt"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["receivedAt"])
    later = {"paymentId": payment_id, "since": since + 1}
    assert gateway.admin("GET", "requests", params=later)["requests"] == [second]


def test_the_log_holds_no_whole_signature_and_no_agent_token_and_no_endless_body(gateway):
    request_id = gateway.new("TOO_LARGE")
    body = json.dumps({"paymentRequestId": request_id}).encode()
    answer = gateway.send(body, headers={"Agent-Token": "sesame"})
    [entry] = gateway.log(request_id)
    whole = answer.request.headers["signature"]
    shown = whole[: whole.index("signature=") + len("signature=") + 12] + "…"
    assert entry["requestHeaders"]["signature"] == shown
    text = json.dumps(entry)
    assert answer.headers["signature"] not in text and "sesame" not in text
    assert len(entry["responseBody"]) == 4096


def test_a_connection_is_kept_alive_over_answers_refusals_and_head(gateway):
    with httpx.Client(limits=httpx.Limits(max_connections=1)) as client:
        ports = set()
        for change in ({}, {"headers": {"Signature": None}}, {"method": "HEAD"}, {}):
            body = json.dumps({"paymentRequestId": gateway.new("SUCCEEDS")}).encode()
            answer = client.send(gateway.request(body, **change))
            ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(ports) == 1
