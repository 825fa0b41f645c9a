"""The same settings without server or secret: what reads only the models (mypy, ``makemigrations``) needs no more."""

from pathlib import Path

from app.settings import LOCAL, THEMES, Web
from web.reglages import reglages

_WEB = Web(hosts=LOCAL, secret=Path(), https=True, theme=THEMES[0], oidc=None, demo=False)
globals().update(reglages(_WEB, {"ENGINE": "web.moteur", "NAME": "aucune"}, "sans secret"))
