"""The sample app for a server process: `LiveServer(…, app="tests.web.live_sample:app")`."""

import os
from pathlib import Path

from portal import navigation
from tests.web import sample

app = sample.build_app(os.environ["CLEARANCE_DATABASE"], Path(os.environ["CLEARANCE_KEYS"]))
navigation.PLACES = sample.places()
sample.sign_in(app, "graduate")
