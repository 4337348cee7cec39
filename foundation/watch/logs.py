"""One line per event, as JSON, through the standard library's logging: Django, Celery, gunicorn and Greffier alike.

What libraries fill into their messages may be anybody's (addresses, query strings, values of rows): of theirs, a line
keeps the sentence and its numbers. Fields that are not in `FIELDS` are left out.
"""

import logging
import re
import sys
import threading
from collections.abc import Mapping
from typing import Any, Final

import structlog
from structlog.contextvars import merge_contextvars
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from foundation.watch import failures

OURS: Final = frozenset(
    {"foundation", "register", "processors", "retention", "editions", "documents", "office", "config", "greffier"}
)
FAILURE: Final = ("exception", "trace", "because", "sqlstate", "table", "constraint")
REQUEST: Final = ("request_id", "method", "route", "status", "milliseconds", "user", "register")
WORK: Final = ("job", "kind", "attempt", "task", "task_id", "seconds", "count")
FIELDS: Final = frozenset({"time", "level", "logger", "event", *REQUEST, *WORK, *FAILURE})

FILLED_IN = re.compile(r"%(?:\((?P<name>\w+)\))?[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]")
ALWAYS_THE_SAME: Final = {
    "django.request": "A request failed",
    "django.security.csrf": "A form without a valid token was refused",
    "celery.app.trace": "A task failed",
}


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the logging configuration that the environment asks for: JSON, but in a try-out lines to read."""
    try_out = "DATABASE_URL" not in environment and "DATABASE_URL_FILE" not in environment
    form = environment.get("GREFFIER_LOG_FORMAT") or ("text" if try_out else "json")
    level = environment.get("GREFFIER_LOG_LEVEL") or ("WARNING" if try_out else "INFO")
    return configuration(form=form, level=level.upper(), whole=try_out and form == "text")


def configuration(*, form: str, level: str, whole: bool = False) -> dict[str, Any]:
    """Return the logging configuration; `whole` keeps messages as they are, for a try-out on one's own machine."""
    if form not in {"json", "text"}:
        raise ValueError("GREFFIER_LOG_FORMAT is json or text.")
    quiet = {"level": "WARNING", "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "form": form, "whole": whole}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": sys.stderr}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            **{name: {"level": level, "propagate": True} for name in sorted(OURS)},
            # our access line says what became of a request: here only those that failed
            "django": {"level": "WARNING", "handlers": [], "propagate": True},
            "django.request": {"level": "ERROR", "propagate": True},
            "django.db.backends": quiet,
            "django.template": quiet,
            "gunicorn.error": {"level": level, "propagate": True},
            "gunicorn.access": {"level": "CRITICAL", "propagate": False},
            "celery": quiet,
            "kombu": quiet,
        },
    }


def take_over() -> None:
    """Have Python's own words, of warnings and of threads that fail, in the log like all others."""
    logging.captureWarnings(capture=True)
    threading.excepthook = _failed_thread


def _failed_thread(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None:
        logging.getLogger("greffier.threads").error("A thread failed", exc_info=failure.exc_value)


def formatter(*, form: str, whole: bool) -> ProcessorFormatter:
    """Return what makes a line of a record."""
    last: list[Processor] = (
        [structlog.processors.JSONRenderer()]
        if form == "json"
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    chain: list[Processor] = [
        structlog.stdlib.ExtraAdder(allow=FIELDS - {"time", "level", "logger", "event"}),
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    chain += [_on_one_line] if whole else [_without_values, _without_messages, _only_known_fields]
    if form == "text" and not whole:
        chain.append(_on_one_line)
    return ProcessorFormatter(
        foreign_pre_chain=chain, processors=[ProcessorFormatter.remove_processors_meta, *last], pass_foreign_args=True
    )


def _without_values(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Keep of a library's message its sentence and its numbers."""
    record: logging.LogRecord = line["_record"]
    arguments = line.pop("positional_args", ())
    if record.name.split(".")[0] in OURS:
        return line
    if record.name == "celery.app.trace" and isinstance(arguments, Mapping):
        line.update(task=str(arguments.get("name", "")), task_id=str(arguments.get("id", "")))
    if record.name in ALWAYS_THE_SAME:
        line["event"] = ALWAYS_THE_SAME[record.name]
    elif record.name.startswith("django.security"):
        line["event"] = f"A request was refused: {record.name.rpartition('.')[2]}"
    elif record.name.startswith("gunicorn") and record.getMessage().startswith("Invalid request"):
        line["event"] = "A request that is not HTTP was refused"
    elif record.exc_info and not arguments and not isinstance(record.msg, str):
        line["event"] = "An exception"  # it was logged as its own message
    elif arguments and record.name != "py.warnings":
        line["event"] = _numbers_only(str(record.msg), arguments)
    return line


def _numbers_only(template: str, arguments: Any) -> str:
    if isinstance(arguments, Mapping):
        return FILLED_IN.sub(lambda found: _number(arguments.get(found["name"])), template)
    left = iter(arguments if isinstance(arguments, tuple) else (arguments,))
    return FILLED_IN.sub(lambda _found: _number(next(left, None)), template)


def _number(value: object) -> str:
    return str(value) if isinstance(value, int | float) else "…"


def _without_messages(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Tell an exception by kind and place; a database that is away is a warning, not a bug."""
    line.pop("stack_info", None)
    found = line.pop("exc_info", None)
    exception = found[1] if isinstance(found, tuple) else found if isinstance(found, BaseException) else None
    if exception is None:
        return line
    facts = failures.told(exception)
    if line["logger"].startswith("django.security"):
        facts.pop("trace", None)  # the fault is the caller's, and anybody may make thousands of them
        line["level"] = "warning"
    if line["logger"] == "django.request" and failures.is_passing(exception):
        facts.pop("trace", None)
        line.update(event="The database did not serve this request", level="warning")
    line.update(facts)
    return line


def _only_known_fields(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    return {name: value for name, value in line.items() if name in FIELDS or name.startswith("_")}


def _on_one_line(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    line.pop("positional_args", None)
    line["event"] = str(line["event"]).replace("\r", "\\r").replace("\n", "\\n")
    return line
