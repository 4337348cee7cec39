import logging
import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import autodiscover_modules
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

from foundation.watch.gauges import FromTheDatabase

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Serve the figures to Prometheus on a port of their own, which the proxy does not know."""

    help = "Serve what PostgreSQL and the web processes count, for Prometheus, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=9464)

    def handle(self, *args: Any, **options: Any) -> None:
        autodiscover_modules("work")
        registry = CollectorRegistry(auto_describe=False)
        registry.register(FromTheDatabase())
        if settings.METRICS_DIR:
            Path(settings.METRICS_DIR).mkdir(parents=True, exist_ok=True)
            MultiProcessCollector(registry, path=settings.METRICS_DIR)  # type: ignore[no-untyped-call]
        else:
            logger.warning("GREFFIER_METRICS_DIR is not set: the figures of the web processes are left out.")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            _server, thread = start_http_server(options["port"], options["host"], registry)
        except OSError as refusal:
            raise CommandError(
                f"Port {options['port']} of {options['host']} cannot be opened ({refusal.strerror}): choose --port."
            ) from refusal
        try:
            thread.join()
        except KeyboardInterrupt:
            return
