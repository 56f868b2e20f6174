"""The blueprint that the pages of accounts and of the door hang on."""

from flask import Blueprint

blueprint = Blueprint("auth", __name__)
