"""gunicorn's own words in the same log, from its first line."""

import logging.config
import os
from typing import Any

from gunicorn import glogging  # type: ignore[import-untyped]

from foundation.watch import logs


class Logger(glogging.Logger):  # type: ignore[misc]
    """gunicorn's logger, whose lines go where all others go; its access log stays off: it holds addresses."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logging.config.dictConfig(logs.from_environment(os.environ))
        self.error_log.propagate = True
