"""The server's door: `waitress-serve wsgi:app` or `gunicorn wsgi:app`."""

import sys

from clinic.app import create_app
from clinic.config import BadSetting
from clinic.demo.load import start_clock

try:
    app = create_app()
except BadSetting as refusal:
    sys.exit(str(refusal))
start_clock(app)
