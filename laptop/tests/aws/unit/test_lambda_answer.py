"""The answer of a function that transforms records."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.aws.firehose.invocation import _answer
from laptop.aws.firehose.lambda_answer import Failure, TransformationError, results_of


def entry(record_id: str, result: Any = "Ok", data: Any = "YQ==") -> dict[str, Any]:
    return {"recordId": record_id, "result": result, "data": data}


def code(answer: Any, *record_ids: str) -> str:
    with pytest.raises(TransformationError) as error:
        results_of(answer, record_ids)
    assert not error.value.transient
    return error.value.failure.code


@given(st.permutations(range(5)), st.lists(st.binary(), min_size=5, max_size=5))
def test_results_have_the_order_of_the_records(order: list[int], data: list[bytes]) -> None:
    records = [entry(str(n), data=base64.b64encode(data[n]).decode()) for n in order]
    assert results_of({"records": records}, ["0", "1", "2", "3", "4"]) == data


def test_dropped_and_failed_records_need_no_data() -> None:
    records = [{"recordId": "a", "result": "Dropped"}, {"recordId": "b", "result": "ProcessingFailed"}]
    failed = Failure("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")
    assert results_of({"records": records, "more": 1}, ["a", "b"]) == [None, failed]


@pytest.mark.parametrize(
    "answer",
    [None, "text", [entry("a")], {}, {"Records": [entry("a")]}, {"records": "a"}, {"records": ["a"]}],
)
def test_an_answer_without_a_list_of_records(answer: Any) -> None:
    assert code(answer, "a") == "Lambda.JsonProcessingException"


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([entry("a")], id="missing"),
        pytest.param([], id="none"),
        pytest.param([entry("a"), entry("b"), entry("c")], id="unknown"),
        pytest.param([entry("a"), {"result": "Ok", "data": ""}], id="without id"),
    ],
)
def test_every_record_must_be_returned_and_no_other(records: list[dict[str, Any]]) -> None:
    assert code({"records": records}, "a", "b") == "Lambda.MissingRecordId"


def test_a_record_returned_twice_fails_the_batch() -> None:
    assert code({"records": [entry("a"), entry("b"), entry("a")]}, "a", "b") == "Lambda.DuplicatedRecordId"


@pytest.mark.parametrize("result", ["ok", "OK", "dropped", "Failed", "", None, True, ["Ok"]])
def test_an_unknown_result_fails_the_batch(result: Any) -> None:
    assert code({"records": [entry("a"), entry("b", result)]}, "a", "b") == "Lambda.FunctionError"


@pytest.mark.parametrize("data", [None, 1, "YQ", "YQ==\n", "Y-_=", "é", {}])
def test_ok_needs_data_in_base64(data: Any) -> None:
    assert code({"records": [entry("a", data=data)]}, "a") == "Lambda.FunctionError"


def test_ok_without_data_fails_and_with_empty_data_does_not() -> None:
    assert code({"records": [{"recordId": "a", "result": "Ok"}]}, "a") == "Lambda.FunctionError"
    assert results_of({"records": [entry("a", data="")]}, ["a"]) == [b""]


def test_an_answer_may_have_six_megabytes() -> None:
    # Two bytes are quotes.
    largest = "é" * ((6_291_556 - 2) // 2)
    assert _answer({"body": largest}, 1) == largest
    with pytest.raises(TransformationError) as error:
        _answer({"body": largest + "a"}, 1)
    assert error.value.failure.code == "Lambda.FunctionError"


@pytest.mark.parametrize(
    ("result", "seconds", "expected", "transient"),
    [
        ({"throttle": True, "error": True, "body": {}}, 0, "Lambda.InvokeLimitExceeded", True),
        ({"error": True, "body": {"errorType": "Sandbox.Timedout"}}, 0, "Lambda.FunctionTimedOut", True),
        ({"body": {"records": []}}, 300.1, "Lambda.FunctionTimedOut", True),
        ({"error": True, "body": {"errorType": "Runtime.HandlerError"}}, 0, "Lambda.FunctionError", False),
        ({"error": True, "body": "text"}, 0, "Lambda.FunctionError", False),
    ],
)
def test_failures_of_an_invocation(
    result: dict[str, Any], seconds: float, expected: str, transient: bool
) -> None:
    with pytest.raises(TransformationError) as error:
        _answer(result, seconds)
    assert (error.value.failure.code, error.value.transient) == (expected, transient)


def test_a_function_may_return_what_looks_like_a_time_out() -> None:
    body = {"errorType": "Sandbox.Timedout"}
    assert _answer({"body": body}, 300) == body
