"""What is typed of an account. Nothing names a person of the ledger but the random id of her subject."""

from typing import Any, Final
from uuid import UUID

from django import forms

from web.acces import Role
from web.comptes.models import Compte
from web.lecture import sujet_de
from web.registre import registre

AGENTS: Final = frozenset({Role.AGENT, Role.SUPERVISEUR})


class ChercherForm(forms.Form):
    """Which account; by a form, since a login may be an address of a person."""

    identifiant = forms.CharField(label="Identifiant exact", max_length=150)


class PerimetreForm(forms.Form):
    """In what capacity, for which service, for whose dossiers."""

    role = forms.ChoiceField(label="Rôle", choices=[(each.value, each.libelle) for each in Role])
    service = forms.CharField(
        label="Service",
        max_length=200,
        help_text="Ce que la personne concernée lit de qui a consulté son dossier.",
    )
    prefecture = forms.CharField(
        label="Préfecture",
        max_length=200,
        required=False,
        help_text="Pour un agent ou un responsable : comme les dossiers la nomment.",
    )
    sujet = forms.RegexField(
        r"^[0-9a-f]{32}$",
        label="Identifiant de la personne au registre",
        required=False,
        help_text="Pour un usager : les 32 signes que donne l'adresse de son dossier.",
        error_messages={"invalid": "L'identifiant a 32 signes, chiffres et lettres de a à f."},
    )

    def __init__(self, *args: Any, compte: Compte | None = None, **kwargs: Any) -> None:
        if compte is not None:
            kwargs["initial"] = {
                "role": compte.role,
                "service": compte.service,
                "prefecture": compte.prefecture,
                "sujet": compte.sujet.hex if compte.sujet else "",
            }
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """A role has the scope that it needs, and no other one."""
        given = super().clean() or {}
        if "role" not in given:
            return given
        role = Role(given["role"])
        if role in AGENTS and not given.get("prefecture"):
            self.add_error("prefecture", "Un agent voit les dossiers d'une préfecture : laquelle ?")
        if role is Role.USAGER and "sujet" in given and not _connu(given["sujet"]):
            self.add_error("sujet", "Personne au registre n'a cet identifiant.")
        return given

    def champs(self) -> dict[str, Any]:
        """The fields of the account, those alone that its role needs."""
        given, role = self.cleaned_data, Role(self.cleaned_data["role"])
        return {
            "role": role.value,
            "service": given["service"],
            "prefecture": given["prefecture"] if role in AGENTS else "",
            "sujet": UUID(given["sujet"]) if role is Role.USAGER else None,
        }


class CreerForm(PerimetreForm):
    """A new account."""

    identifiant = forms.CharField(label="Identifiant de connexion", max_length=150)
    acteur = forms.CharField(
        label="Pseudonyme au registre",
        max_length=200,
        help_text="Il signe ses actes et ses consultations, et ne change plus ; pour un représentant, celui que les"
        " mandats nomment.",
    )
    oidc_sub = forms.CharField(label="Identifiant ProConnect", max_length=255, required=False)
    field_order = ("identifiant", "acteur", "role", "service", "prefecture", "sujet", "oidc_sub")

    def clean_identifiant(self) -> str:
        """A login that no account has."""
        given = Compte.normalize_username(self.cleaned_data["identifiant"])
        return self._libre("identifiant", given, "Un compte a déjà cet identifiant.")

    def clean_acteur(self) -> str:
        """A pseudonym that no account has."""
        return self._libre("acteur", self.cleaned_data["acteur"], "Un compte a déjà ce pseudonyme.")

    def clean_oidc_sub(self) -> str | None:
        """An id that no account has."""
        given = self.cleaned_data["oidc_sub"]
        return self._libre("oidc_sub", given, "Un compte a déjà cet identifiant ProConnect.") if given else None

    def champs(self) -> dict[str, Any]:
        """The fields of the account, as :func:`web.comptes.gestion.ajouter` takes them."""
        given = self.cleaned_data
        more = {"identifiant": given["identifiant"], "acteur": given["acteur"], "oidc_sub": given["oidc_sub"]}
        scope = super().champs()
        sujet = scope["sujet"].bytes if scope["sujet"] is not None else None
        return {**more, **scope, "role": Role(given["role"]), "sujet": sujet}

    @staticmethod
    def _libre(name: str, value: str, wrong: str) -> str:
        if Compte.objects.filter(**{name: value}).exists():
            raise forms.ValidationError(wrong)
        return value


def _connu(reference: str) -> bool:
    subject = sujet_de(reference)
    return subject is not None and registre().lecteur.connait(subject)
