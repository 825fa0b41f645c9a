"""The one place where what an account may read of a person is made: her life, or the part that a mandate opens of it.

What comes after (pages, operations, files, messages) reads ``vie.entries`` and never asks again. Where a part cannot
answer honestly, :class:`HorsMandatError` says so in its place.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import wraps
from typing import Any, Final, TypeVar
from uuid import UUID

from ledger.errors import ConstatError
from replay.limite import Limite, limiter, tient
from web.acces import Objet, Profil, limite, peut_voir
from web.lecture import Vie
from web.registre import registre

Fonction = TypeVar("Fonction", bound=Callable[..., Any])
ENTIERE: Final = (
    "Ce qui est remis ici porte sur toute la vie de la personne, et rien ne peut en être retiré sans le rendre faux."
    " Elle peut le demander elle-même, ou vous donner un mandat qui ne nomme aucun dossier."
)
AILLEURS: Final = (
    "Ce que vos dossiers montrent seuls ne se vérifie pas une fois tout compté : d'autres faits de la personne y"
    " changent quelque chose, et votre mandat ne les ouvre pas. Rien n'est montré, plutôt qu'une conclusion fausse."
)


class HorsMandatError(ConstatError):
    """Un mandat limité à des dossiers n'ouvre pas ceci."""


def ouverte(profil: Profil, objet: Objet, vie: Vie, le: date) -> Vie | None:
    """What ``profil`` may read of this whole life, for ``objet`` and on the civil day ``le``; ``None``: nothing."""
    if not peut_voir(profil, objet, vie.sujet, vie.attaches, le):
        return None
    only = limite(profil, objet, vie.attaches, le)
    return vie if only is None else _partie(vie, only, le)


def relue(profil: Profil, objet: Objet, sujet: bytes, le: date) -> Vie | None:
    """The same, of her life as it is now: once something was written of her, or as another page reads her."""
    whole = registre().lecteur.vie(sujet)
    return ouverte(profil, objet, whole, le) if whole is not None else None


def _partie(vie: Vie, only: Limite, le: date) -> Vie:
    def faire() -> Vie:
        entries = limiter(vie.entries, only)
        return replace(vie, entries=entries, limite=only, concluante=tient(vie.entries, entries, le))

    return registre().lecteur.rendu(vie, ("partie", only, le), faire)


def phrase(vie: Vie) -> str:
    """What a page or a file of a part says of itself, once; empty where the person is read whole."""
    if vie.limite is None:
        return ""
    *first, last = vie.limite.dits
    names = f"aux dossiers {', '.join(first)} et {last}" if first else f"au dossier {last}"
    return (
        f"Mandat limité {names} : vous ne lisez que ce qui s'y rattache et ce que la personne a de commun à tous ses"
        " dossiers, et les numéros des faits sont ceux de cette vue"
    )


def sans_masque(vie: Vie) -> frozenset[UUID]:
    """Which of the facts that are open are so whole: of the others, a receipt would tell what is masked."""
    if vie.limite is None:
        return frozenset(entry.event_id for entry in vie.entries)
    whole = registre().lecteur.vie(vie.sujet)
    known = {entry.event_id: entry for entry in (whole.entries if whole else ())}
    return frozenset(entry.event_id for entry in vie.entries if known.get(entry.event_id) == entry)


def require_entiere(vie: Vie) -> None:
    """Go on only where the person is read whole.

    :raises HorsMandatError: a mandate limits what is read of her.
    """
    if vie.limite is not None:
        raise HorsMandatError(ENTIERE)


def concluante(conclure: Fonction) -> Fonction:
    """Declare that a function of a life concludes from all its facts: it is asked only of those whose answer holds.

    :raises HorsMandatError: the part that is open would conclude otherwise than the whole.
    """

    @wraps(conclure)
    def asked(vie: Vie, *args: Any, **kwargs: Any) -> Any:
        if not vie.concluante:
            raise HorsMandatError(AILLEURS)
        return conclure(vie, *args, **kwargs)

    return asked  # type: ignore[return-value] # the same signature, by wraps
