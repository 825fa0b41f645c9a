"""What is noted of a session as it opens, whoever let it in: on which device, since when, until when at the latest."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django_otp import user_has_device

from web.comptes.models import Compte, Session

DUREE: Final = timedelta(hours=8)
"""How long a session lasts at most, however much it is used."""
FACTEUR_CHOISI: Final = "facteur_choisi"
"""In a session: that the account has a second factor, whether its role asks for one or not."""

_NAVIGATEURS: Final = (("Firefox", "Firefox"), ("Edg/", "Edge"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMES: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@receiver(user_logged_in, dispatch_uid="web.comptes.entree")
def noter(sender: object, request: HttpRequest, user: Compte, **_: Any) -> None:
    """Note it; a session has its end set once, and using it does not put it off. Those that ended are swept."""
    del sender
    now = getattr(request, "now", None) or datetime.now(UTC)
    request.session["appareil"] = appareil(request.headers.get("User-Agent", ""))
    request.session["ouverte_le"] = request.session["vue"] = now.isoformat()
    request.session[FACTEUR_CHOISI] = user_has_device(user)
    request.session.set_expiry(now + DUREE)
    Session.objects.filter(expire_date__lt=now).delete()


def appareil(agent: str) -> str:
    """« Firefox, Linux »: enough to know one's own sessions."""
    browser = next((name for mark, name in _NAVIGATEURS if mark in agent), "navigateur inconnu")
    system = next((name for mark, name in _SYSTEMES if mark in agent), "")
    return ", ".join(filter(None, (browser, system)))
