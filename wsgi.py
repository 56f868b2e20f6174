"""The server's door: `waitress-serve wsgi:app` or `gunicorn wsgi:app`."""

from clinic.app import create_app

app = create_app()
