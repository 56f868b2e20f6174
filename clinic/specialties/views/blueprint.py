"""Where the pages of rooms and practice hang."""

from flask import Blueprint

blueprint = Blueprint("specialties", __name__)
