"""« Reçus »: what proves each act of the person, and the statements that can be made of her history, as documents.

Made by the functions behind ``constat export``, kept and recorded before it leaves; downloaded again byte for byte.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from django import forms
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from app import releves
from app.exports import Remis, remis, retrouver
from app.open import policy_of
from app.releves import Demandee, Releve
from evidence import archive
from evidence.archive import Membre
from evidence.delais_acces import Mode
from evidence.demande_acces import Demandeur
from evidence.produit import Forme, Produit
from ledger.days import paris_day
from ledger.entry import Entry
from ledger.errors import ConstatError, IdentityReusedError
from ledger.events.acces import REGARDS
from ledger.receipts import is_hers
from ledger.seal.sheet import MAX_BYTES
from projections.acces import SIENS
from projections.historique import lignes
from web.acces import Objet, Profil, Role
from web.gardes import motif_de
from web.limites import require_entiere, sans_masque
from web.pages.commun import remplir
from web.qui import acteur
from web.registre import registre
from web.requete import Requete, page

PAR_PAGE: Final = 30
CHIFFRES: Final = 9
"""Of a number that is typed."""
PROFILS: Final = frozenset({"reçu", "reçu de tentative", "relevé de blocage", "historique", "demande de communication"})
"""What is made and downloaded here; other exports have their own page."""
PDF: Final = "application/pdf"
Faire = Callable[[], Releve]


class LettreForm(forms.Form):
    """To whom the request for access goes, and who signs it."""

    prefecture = forms.CharField(
        label="À qui (service et adresse)", max_length=1_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    nom = forms.CharField(label="Votre nom, comme vous signez", max_length=200, required=False)
    adresse = forms.CharField(
        label="Votre adresse", max_length=1_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    mode = forms.ChoiceField(
        label="Comment vous l'envoyez",
        widget=forms.RadioSelect,
        choices=[(each.value, each.libelle.capitalize()) for each in Mode],
        initial=Mode.RECOMMANDE.value,
    )


class TentativeForm(forms.Form):
    """The receipt that the page of attempts gave."""

    recu = forms.FileField(label="Le fichier du reçu (.recu)")

    def clean_recu(self) -> Any:
        """Bounded as receipts are."""
        given = self.cleaned_data["recu"]
        if given.size > MAX_BYTES:
            msg = "Ce fichier est trop gros pour être un reçu."
            raise forms.ValidationError(msg)
        return given


@page(Objet.RECU, formulaire=True)
def montrer(request: Requete, sujet: str) -> HttpResponse:
    """The acts that have a receipt, the statements, and what was made already."""
    lettre, tentative = LettreForm(initial=_initial(request)), TentativeForm()
    refus = ""
    if request.method == "POST":
        quoi = request.POST.get("quoi", "")
        lettre = LettreForm(request.POST) if quoi == "demande" else lettre
        tentative = TentativeForm(request.POST, request.FILES) if quoi == "tentative" else tentative
        try:
            if quoi == "tentative" and tentative.is_valid():
                return _tentative(request, tentative.cleaned_data["recu"].read())
            if quoi == "demande" and lettre.is_valid():
                return _remettre(request, sujet, _cle(quoi, lettre.cleaned_data), _lettre(request, lettre.cleaned_data))
            if quoi not in {"tentative", "demande"}:
                return _remettre(request, sujet, quoi, _a_faire(request, quoi))
        except ConstatError as error:
            refus = str(error)
    whole = sans_masque(request.vie)
    acts = [
        line
        for entry, line in reversed(list(lignes(request.vie.entries)))
        if _donne_un_recu(entry) and entry.event_id in whole
    ]
    made = [each for each in reversed(remis(request.vie.entries)) if _d_ici(request.profil, each)]
    return remplir(
        request,
        "recus.html",
        422 if refus or lettre.errors or tentative.errors else 200,
        actes=Paginator(acts, PAR_PAGE).get_page(request.GET.get("page")),
        faits=made[:PAR_PAGE],
        lettre=lettre,
        tentative=tentative,
        refus=refus,
        nouveau=_entier(request.GET.get("n")),
        envoi=uuid4(),
        elle=request.profil.role in {Role.USAGER, Role.REPRESENTANT},
    )


@page(Objet.RECU)
def telecharger(request: Requete, sujet: str, export: str) -> HttpResponse:
    """A document that was made here, the same bytes."""
    del sujet
    try:
        name = str(UUID(export))
    except ValueError:
        raise Http404 from None
    if not any(_d_ici(request.profil, each) and each.event.export == name for each in remis(request.vie.entries)):
        raise Http404
    try:
        made = retrouver(registre().opened, request.vie.personne, name)
    except ConstatError as error:
        raise Http404 from error
    return _fichier(made)


def _initial(request: Requete) -> dict[str, Any]:
    charged = next((each for each in _prefectures(request)), "")
    return {"prefecture": charged, "mode": Mode.RECOMMANDE.value}


def _prefectures(request: Requete) -> list[str]:
    named = (entry.fait.acteur.service for entry in reversed(request.vie.entries) if entry.fait.personne is not None)
    return [each for each in dict.fromkeys(named) if each and each.casefold().startswith("préfecture")]


def _donne_un_recu(entry: Entry) -> bool:
    """An act of hers; what she takes out is told below, not among them."""
    looked = isinstance(entry.fait.evenement, REGARDS)
    return entry.fait.personne is not None and is_hers(entry.fait) and not looked


def _d_ici(profil: Profil, each: Remis) -> bool:
    """Made here, and for who asks: what the person takes out, with her name and address, is not her préfecture's."""
    elle = profil.role in {Role.USAGER, Role.REPRESENTANT} and each.event.fondement in SIENS
    mine = each.entry.fait.acteur.id == profil.acteur
    return each.event.profil in PROFILS and each.event.export is not None and (elle or mine)


def _a_faire(request: Requete, quoi: str) -> Faire:
    """What is asked for.

    :raises BadRequest: it is nothing that is made here.
    """
    served, person, now = registre(), request.vie.personne, request.now
    day, opened = paris_day(now), served.opened
    if quoi in {"blocage", "historique"}:
        require_entiere(request.vie)
    if quoi == "blocage":
        return lambda: releves.blocage(opened, person, "releve-de-blocage.pdf", day)
    if quoi == "historique":
        return lambda: releves.historique(opened, person, "historique.pdf", day, now)
    number = _entier(quoi.removeprefix("recu-"))
    entry = _acte(request, number) if quoi.startswith("recu-") and number else None
    if entry is None:
        raise BadRequest
    return lambda: releves.recu(served.settings, opened, entry, f"recu-{number}.pdf", day, now)


def _tentative(request: Requete, raw: bytes) -> HttpResponse:
    """Laid out and given back at once: it is made of the file alone, nothing of the ledger leaves with it."""
    settings, day = registre().settings, paris_day(request.now)
    made = releves.tentative(raw, "recu-tentative.pdf", day, request.now, policy_of(settings))
    return _fichier(made.produit(uuid4()))


def _cle(quoi: str, asked: dict[str, Any]) -> str:
    """A letter is another one as soon as a field of it is."""
    return f"{quoi} {sha256(repr(sorted(asked.items())).encode()).hexdigest()}"


def _acte(request: Requete, number: int) -> Entry | None:
    whole = sans_masque(request.vie)
    return next(
        (
            entry
            for entry, line in lignes(request.vie.entries)
            if line.numero == number and _donne_un_recu(entry) and entry.event_id in whole
        ),
        None,
    )


def _lettre(request: Requete, asked: dict[str, Any]) -> Faire:
    require_entiere(request.vie)
    who = Demandeur(request.vie.personne, asked["prefecture"], asked["nom"] or None, asked["adresse"] or None)
    day = paris_day(request.now)
    return lambda: releves.demande(registre().opened, who, "demande.pdf", day, Demandee(Mode(asked["mode"])))


def _remettre(request: Requete, sujet: str, quoi: str, make: Faire) -> HttpResponse:
    """Make it, keep it, record it, then go and get it; the same form sent twice makes it once.

    Where a mandate is limited, what left the ledger before is not open, so that it is given at once.
    """
    export = _envoi(request, quoi)
    where = reverse("recu", args=[sujet, str(export)])
    if all(each.event.export != str(export) for each in remis(request.vie.entries)):
        vie, profil = request.vie, request.profil
        motif = motif_de(request, Objet.RECU, vie)
        if motif is None:
            raise BadRequest
        made = make()
        with suppress(IdentityReusedError):  # another window sent the same form meanwhile, and its document is kept
            releves.consigner(
                registre().opened, vie.personne, made, request.now, export=export,
                acteur=acteur(profil, vie.personne), fondement=motif.fondement, reference=motif.reference,
                destinataire="la personne concernée" if profil.role is Role.USAGER else profil.service,
            )  # fmt: skip
        if vie.limite is not None:
            return _fichier(made.produit(export))
    return HttpResponseRedirect(where, status=303)


def _envoi(request: Requete, quoi: str) -> UUID:
    """The id of what a page's button makes: one a page and a button.

    :raises BadRequest: the page gave none.
    """
    try:
        return uuid5(UUID(request.POST.get("envoi", "")), f"{request.vie.reference} {quoi}")
    except ValueError as error:
        raise BadRequest from error


def _fichier(made: Produit) -> HttpResponse:
    if made.forme is Forme.FICHIER:
        [(name, content)] = made.fichiers.items()
        kind = PDF
    else:
        name, kind, content = f"{made.nom}.zip", "application/zip", _archive(made)
    answer = HttpResponse(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer


def _archive(made: Produit) -> bytes:
    buffer = BytesIO()
    archive.ecrire(buffer, made.nom, [Membre(name, len(each), [each]) for name, each in made.fichiers.items()])
    return buffer.getvalue()


def _entier(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= CHIFFRES else None
