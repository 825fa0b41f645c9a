"""What stands before every operation: the same decision, reason and trace as before a page; nothing is done without."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Final, TypeVar
from urllib.parse import quote, unquote

from django.http import HttpResponse
from pydantic import BaseModel

from ledger.events.listes import FondementAcces
from web.acces import Motif, Objet, motif_admis, permis
from web.api.identite import Demande, porte
from web.api.problemes import Code, Probleme
from web.gardes import PAGINATION, consulter, motif_de, ouvrable, perimetre
from web.lecture import Vie
from web.requete import OBJET

Operation = TypeVar("Operation", bound=Callable[..., HttpResponse])
FONDEMENT: Final = "Constat-Fondement"
REFERENCE: Final = "Constat-Reference"
DOSSIERS: Final = "Constat-Dossiers"
"""Said with every answer of a mandate that is limited: the dossiers that it shows, and no other (percent-encoded)."""
TEXTE: Final = 200
PAR: Final = "par un programme"
"""Said in the trace: it was the API that was asked."""


def operation(objet: Objet, *champs: str | type[BaseModel]) -> Callable[[Operation], Operation]:
    """Declare what an operation shows or does, and every field that its address may have.

    A field that is not among them is refused: a filter that is misspelt would show more than was asked for.
    """
    known = frozenset(_noms(champs))

    def declare(view: Operation) -> Operation:
        @wraps(view)
        def guarded(request: Demande, *args: Any, **kwargs: Any) -> HttpResponse:
            autoriser(request, objet, known)
            if "sujet" not in kwargs:
                return view(request, *args, **kwargs)
            ouvrir(request, objet, kwargs["sujet"], _filtres(kwargs))
            answer = view(request, *args, **kwargs)
            if request.vie.limite is not None:
                answer.headers[DOSSIERS] = quote(", ".join(request.vie.limite.dits), safe=", ")
            return answer

        setattr(guarded, OBJET, objet)
        return guarded  # type: ignore[return-value] # the same signature, by wraps

    return declare


def _filtres(kwargs: dict[str, Any]) -> Iterable[str]:
    """The names of what was set to a value, in whichever model an operation takes it."""
    return {
        name
        for each in kwargs.values()
        if isinstance(each, BaseModel)
        for name in each.model_fields_set - PAGINATION
        if getattr(each, name)
    }


def _noms(champs: Iterable[str | type[BaseModel]]) -> Iterable[str]:
    for each in champs:
        yield from [each] if isinstance(each, str) else each.model_fields


def autoriser(request: Demande, objet: Objet, champs: frozenset[str]) -> None:
    """Whether this account may ask for this at all.

    :raises Probleme: it may not, its token was not given for it, or a field is not known.
    """
    if permis(request.profil.role, objet) is None:
        raise Probleme(Code.FONCTION_SANS_ACCES)
    if not porte(request, objet):
        raise Probleme(Code.PORTEE_INSUFFISANTE, f"Il faut la portée « {objet.value} ».")
    unknown = [name[:40] for name in request.GET if name not in champs]
    if unknown:
        wrong = [{"champ": each, "probleme": "n'est pas un champ connu"} for each in unknown]
        raise Probleme(Code.CHAMPS_INVALIDES, erreurs=wrong)


def ouvrir(request: Demande, objet: Objet, reference: str, filtres: Iterable[str]) -> None:
    """Open the dossier of a person, and record it, as a page does.

    :raises Http404: there is none, or it is not for this account.
    :raises Probleme: the reason is missing, or is not one of this account's.
    """
    vie = ouvrable(request, objet, reference)
    consulter(request, vie, _motif(request, objet, vie), perimetre(objet, filtres, PAR))


def _motif(request: Demande, objet: Objet, vie: Vie) -> Motif:
    given = request.headers.get(FONDEMENT)
    if given is None:
        motif = motif_de(request, objet, vie)
        if motif is None:
            raise Probleme(Code.MOTIF_REQUIS, f"Envoyez les en-têtes {FONDEMENT} et, s'il y a lieu, {REFERENCE}.")
        return motif
    reference = unquote(request.headers.get(REFERENCE, "")).strip()
    if given not in set(FondementAcces) or len(reference) > TEXTE or not reference.isprintable():
        raise Probleme(Code.MOTIF_REFUSE, "Le fondement n'est pas connu, ou la référence ne se lit pas.")
    motif = Motif(FondementAcces(given), reference or None)
    wrong = motif_admis(request.profil, motif, vie.attaches)
    if wrong is not None:
        raise Probleme(Code.MOTIF_REFUSE, f"{wrong[0].upper()}{wrong[1:]}.")
    return motif
