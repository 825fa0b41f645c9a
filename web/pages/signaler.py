"""« Signaler une erreur »: she contests a fact by one more, nothing is erased, and she gets a receipt of it."""

import tempfile
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from commands.base import Refused
from ledger.days import paris_day
from ledger.documents import CHUNK, StoreAwayError
from ledger.entry import Piece
from ledger.errors import ConflictError, IdentityReusedError
from ledger.events.types import Canal
from projections.francais import propre
from projections.historique import Ligne, historique
from web.acces import Objet
from web.contestation import LONG, contestables, contester
from web.limites import relue
from web.pages.commun import remplir
from web.registre import registre
from web.requete import Requete, page

PIECE: Final = 20 << 20
"""Bytes of a piece."""
CHOIX: Final = 300
"""Facts from which a number is typed, not chosen."""
NOM: Final = 120
CHIFFRES: Final = 9
"""Of a number that is typed."""


class SignalementForm(forms.Form):
    """Which fact, what is wrong with it, and a piece if there is one."""

    command_id = forms.UUIDField(widget=forms.HiddenInput)
    fait = forms.TypedChoiceField(label="Quel fait est faux ?", coerce=int)
    texte = forms.CharField(
        label="Qu'est-ce qui est faux ? Que s'est-il passé, selon vous ?",
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Des phrases courtes suffisent. Ce texte est gardé tel quel.",
    )
    piece = forms.FileField(
        label="Un document qui le montre",
        required=False,
        max_length=255,
        help_text="20 Mo au plus. Une photo ou un PDF, par exemple.",
    )

    def __init__(self, data: Any, files: Any, told: list[Ligne], initial: int | None) -> None:
        super().__init__(data, files, initial={"command_id": uuid4(), "fait": initial})
        offered = [(each.numero, _mots(each)) for each in told if each.numero is not None and not each.remplacee]
        if len(offered) > CHOIX:
            self.fields["fait"] = forms.IntegerField(
                label="Quel fait est faux ? Donnez son numéro",
                min_value=1,
                help_text="Il est dans la chronologie : n° 12.",
            )
        else:
            self.fields["fait"] = forms.TypedChoiceField(
                label="Quel fait est faux ?", coerce=int, choices=[("", "Choisissez un fait"), *offered]
            )
        self.order_fields(["command_id", "fait", "texte", "piece"])
        self._numbers = {number for number, _ in offered}

    def clean_fait(self) -> int:
        """A fact of hers that still stands."""
        number: int = self.cleaned_data["fait"]
        if number not in self._numbers:
            msg = "Aucun fait ne porte ce numéro, ou il est déjà corrigé. Les numéros sont dans la chronologie."
            raise forms.ValidationError(msg)
        return number

    def clean_texte(self) -> str:
        """The text in its one form (NFC): what is sealed has no other."""
        return unicodedata.normalize("NFC", self.cleaned_data["texte"])

    def clean_piece(self) -> Any:
        """Neither empty nor too large."""
        given = self.cleaned_data.get("piece")
        if given is not None and (given.size or 0) > PIECE:
            msg = "Ce document est trop gros : 20 Mo au plus."
            raise forms.ValidationError(msg)
        return given


@page(Objet.SIGNALEMENT, formulaire=True)
def signaler(request: Requete, sujet: str) -> HttpResponse:
    """Ask, write the fact once, then show where its receipt is."""
    told = contestables(request)
    asked = request.GET.get("fait", "")
    initial = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= CHIFFRES else None
    sent = request.method == "POST"
    form = SignalementForm(request.POST if sent else None, request.FILES if sent else None, told, initial)
    refus: list[str] = []
    status = 200
    if sent:
        status = 422
        if form.is_valid():
            try:
                return _inscrire(request, sujet, form.cleaned_data, told)
            except Refused as refused:
                refus = [str(each) for each in refused.motifs]
            except (ConflictError, IdentityReusedError, StoreAwayError) as error:
                refus, status = [str(error)], 409
    vise = next((each for each in told if each.numero == initial), None)
    return remplir(request, "signaler.html", status, form=form, refus=refus, vise=vise)


def _inscrire(request: Requete, sujet: str, asked: dict[str, Any], told: list[Ligne]) -> HttpResponse:
    [contested] = [each for each in told if each.numero == asked["fait"]]
    pieces = tuple(_garder(request, asked["piece"]))
    entry = contester(request, contested, asked["texte"], asked["command_id"], Canal.TELESERVICE, pieces)
    new = relue(request.profil, Objet.RECU, request.vie.sujet, paris_day(request.now))
    number = next((each.numero for each in historique(new.entries if new else ()) if each.id == entry.fait.id), None)
    said = f" : n° {number}" if number is not None else ""
    messages.success(
        request, f"Votre signalement est inscrit{said}. Rien n'est effacé. Téléchargez son reçu, et gardez-le."
    )
    where = f"?n={number}#f-{number}" if number is not None else ""
    return HttpResponseRedirect(f"{reverse('recus', args=[sujet])}{where}", status=303)


def _garder(request: Requete, given: Any) -> Iterator[Piece]:
    """The piece, kept sealed before the fact that cites it: streamed, of no type that anybody said."""
    if given is None:
        return
    opened, digest, size = registre().opened, sha256(), 0
    with tempfile.TemporaryDirectory(prefix="constat-piece-") as name:
        path = Path(name) / "piece"
        with path.open("wb") as file:
            for chunk in given.chunks(CHUNK):
                digest.update(chunk)
                size += file.write(chunk)
        piece = Piece(nom=_nom(given.name or ""), octets=size, sha256=digest.hexdigest())
        path.rename(path.with_name(piece.sha256))
        with opened.ledger.connection() as conn:
            key = opened.ledger.coffre.find(conn, [request.vie.personne])[request.vie.personne]
        opened.documents.take(key, piece, Path(name))
    yield piece


def _nom(given: str) -> str:
    """The name of a file without its folders nor anything that commands or turns a line around."""
    name = propre(unicodedata.normalize("NFC", PurePosixPath(given.replace("\\", "/")).name)).strip()
    return name[-NOM:] or "document"


def _mots(each: Ligne) -> str:
    return f"n° {each.numero} – {each.survenu_fr} – {each.phrase}"
