import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from foundation.keys.starting import require_fitting_keys  # noqa: E402 models need what was set up above

require_fitting_keys()
