"""The templates' environment: everything escaped, nothing undefined passes, French dates and plurals."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from evidence.mots import dire
from ledger.days import PARIS
from ledger.francais import jour
from projections.francais import compte, propre
from web.registre import registre

_FINE: Final = re.compile(r" (?=[;:!?»])")
_NUMERO: Final = re.compile(r"(?<=n°) (?=\d)")


def environnement(**options: Any) -> Environment:
    """What Django's engine asks for."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    made = Environment(**{name: value for name, value in options.items() if name != "autoescape"}, autoescape=True)
    made.globals.update(static=lru_cache(maxsize=64)(static), url=adresse, messages=messages.get_messages, theme=theme)
    made.filters.update(jour=jour, instant=instant, compte=compte, propre=propre, requete=requete)
    made.filters.update(fr=fr, le=le, dire=dire)
    return made


def theme() -> str:
    """The theme of the site that is served."""
    return registre().settings.web.theme


@lru_cache(maxsize=8192)
def adresse(nom: str, *args: Any, **kwargs: Any) -> str:
    """The path of a page by its name."""
    return reverse(nom, args=args, kwargs=kwargs)


@lru_cache(maxsize=8192)
def instant(moment: datetime) -> str:
    """« 1er octobre 2025 à 10:14 », at the time of Paris."""
    local = moment.astimezone(PARIS)
    return f"{jour(local.date())} à {local.isoformat()[11:16]}"


def fr(texte: str) -> str:
    """A sentence that may hold words of a person: shown, never obeyed, with the spaces that French wants."""
    said = _FINE.sub("\u202f", propre(texte)).replace("« ", "«\u202f")
    return _NUMERO.sub("\u00a0", said)


def le(dit: str) -> str:
    """« le 5 mars 2024 », of a day as :mod:`projections.francais` says it; « entre le … et le … » stays."""
    return f"le {dit}" if dit[:1].isdecimal() else f"en {dit}" if dit.endswith("(jour inconnu)") else dit


def requete(champs: dict[str, Any]) -> str:
    """A query string of what is not empty, for links that keep a filter."""
    said = {name: value for name, value in champs.items() if value not in (None, "", [], ())}
    return urlencode(said, doseq=True, safe=":")
