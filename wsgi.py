"""The portal as a WSGI app: `waitress-serve --listen=127.0.0.1:8000 wsgi:app`."""

import os
import sys

from db.keys import KeysUnusable
from portal import create_app
from portal.config import Config, ConfigError
from portal.serving import spare_the_collector

try:
    app = create_app(Config.from_environment(os.environ))
except (ConfigError, KeysUnusable) as error:
    sys.exit(str(error))
spare_the_collector()
