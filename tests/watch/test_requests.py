"""Every request has a number: the proxy's if it is well formed, else one made here."""

import json
import logging

import pytest

from foundation.watch import logs
from foundation.watch.traffic import SECONDS

WELL_FORMED = "0f3c9a5e-7d1b-4c2a-9e8f-1234567890ab"


def number(client, given):
    return client.get("/healthz/live", headers={"x-request-id": given}).headers["X-Request-ID"]


def test_the_proxys_number_is_kept(client, settings):
    settings.TRUST_REQUEST_ID = True
    assert number(client, WELL_FORMED) == WELL_FORMED


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "marie.dupont@example.org", "0123456789abcdef\r\nforged"])
def test_a_number_that_is_none_is_replaced(client, settings, given):
    settings.TRUST_REQUEST_ID = True
    made = number(client, given)
    assert made != given
    assert len(made) == 32


def test_without_a_proxy_nobody_chooses_a_number(client, settings):
    settings.TRUST_REQUEST_ID = False
    assert number(client, WELL_FORMED) != WELL_FORMED


def test_requests_are_counted_by_route_and_never_by_path(client, db):
    client.get("/no/such/page")
    labels = [sample.labels for family in SECONDS.collect() for sample in family.samples]
    assert {"route": "none", "method": "GET", "status": "4xx", "le": "+Inf"} in labels
    assert not any("/" in value for label in labels for value in label.values())


def test_no_handler_mails_what_failed():
    handlers = [
        handler for name in [None, *logging.root.manager.loggerDict] for handler in logging.getLogger(name).handlers
    ]
    assert not [handler for handler in handlers if "Mail" in type(handler).__name__ or "SMTP" in type(handler).__name__]


def told(form, whole, message, *arguments, name="kombu", **more):
    record = logging.LogRecord(name, logging.ERROR, "here.py", 1, message, arguments, more.pop("exc_info", None))
    record.__dict__.update(more)
    return logs.formatter(form=form, whole=whole).format(record)


def test_of_a_librarys_message_the_sentence_and_the_numbers_are_kept():
    line = json.loads(told("json", False, "%s refused %d times by %r", "marie", 3, "dupont"))
    assert line["event"] == "… refused 3 times by …"


def test_in_a_try_out_lines_are_whole_and_each_is_one_line():
    assert "marie refused" in told("text", True, "%s refused", "marie")
    assert told("text", True, "%s refused", "marie\nforged line").count("\n") == 0


def test_text_outside_a_try_out_holds_no_more_than_json():
    assert logs.from_environment({"DATABASE_URL": "x", "GREFFIER_LOG_FORMAT": "text"})["formatters"]["line"] == {
        "()": logs.formatter,
        "form": "text",
        "whole": False,
    }
    assert "marie" not in told("text", False, "%s refused", "marie")


def test_an_unknown_format_stops_the_start():
    with pytest.raises(ValueError, match="GREFFIER_LOG_FORMAT"):
        logs.from_environment({"GREFFIER_LOG_FORMAT": "xml"})
