"""The accounts of the site, from the command line. A password is typed unseen or made here; none is an argument."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from app.affichage import ecrire
from app.cli_common import print_json, with_json
from app.options import Choice, Reference
from app.settings import Settings
from console import usage
from ledger.errors import ConstatError
from web.acces import Role
from web.registre import Registre
from web.serveur import pret

with_account = click.argument("account", type=Reference())
with_generated = click.option("--generate", is_flag=True, help="Make a password and print it once, instead of asking.")


@click.group("account", cls=usage.Group, invoke_without_command=True, subcommand_metavar="[COMMAND] [ARGS]...")
@click.pass_context
def account(ctx: click.Context) -> None:
    """Add, list and close the accounts of the site, and renew their secrets."""
    usage.require_command(ctx)


@account.command("add")
@with_account
@click.option("--role", type=Choice([each.value for each in Role]), required=True, help="In which quality it looks.")
@click.option("--service", type=Reference(), required=True, help="What the person concerned is told of who looked.")
@click.option("--prefecture", type=Reference(), default="", help="Of an agent: whose dossiers are seen.")
@click.option("--person", type=Reference(), help="Of an applicant: the reference of the person in the ledger.")
@click.option("--actor", type=Reference(), help="The pseudonym in the ledger: as mandates name a representative.")
@click.option("--proconnect", is_flag=True, help="No password: print a code that ties the account to ProConnect, once.")
@with_generated
@click.pass_obj
def add(settings: Settings, /, account: str, *, role: str, generate: bool, proconnect: bool, **fields: Any) -> None:
    """Add ACCOUNT, with a password that is asked for, made (--generate), or none (--proconnect)."""
    with _gestion(settings) as (served, gestion):
        person = fields.pop("person")
        sujet = served.lecteur.sujet(person) if person is not None else None
        if person is not None and sujet is None:
            msg = f"aucune entrée pour « {person} » : vérifiez la référence"
            raise ConstatError(msg)
        password = None if proconnect else _mot_de_passe(gestion, generate=generate)
        made = gestion.ajouter(
            account,
            Role(role),
            fields["service"],
            password,
            prefecture=fields["prefecture"],
            sujet=sujet,
            acteur=fields["actor"],
        )
        ecrire(f"compte ajouté : {made.identifiant} ({made.profil.role.libelle}), pseudonyme {made.acteur}")
        _dire(password if generate else None)
        if proconnect:
            _inviter(gestion, made)


@account.command("list")
@with_json
@click.pass_obj
def list_(settings: Settings, *, as_json: bool) -> None:
    """List the accounts: quality, service, how they log in, since when they are closed. No secret is shown."""
    with _gestion(settings) as (_, gestion):
        told = [_ligne(each) for each in gestion.comptes().prefetch_related("application_set")]
    if as_json:
        print_json(told)
        return
    for each in told:
        state = "actif" if each["actif"] else "fermé"
        second = "second facteur inscrit" if each["second_facteur"] else "sans second facteur"
        ecrire(f"{each['identifiant']} : {each['libelle']}, {each['service']} ; {each['entree']}, {second}, {state}")


@account.command("close")
@with_account
@click.pass_obj
def close(settings: Settings, account: str) -> None:
    """Close ACCOUNT: nobody logs in with it any more; its sessions and tokens end now."""
    with _gestion(settings) as (_, gestion):
        ended = gestion.fermer(gestion.trouver(account), datetime.now(UTC))
    ecrire(f"compte fermé : {account} ; sessions fermées : {ended.sessions}, jetons révoqués : {ended.jetons}")


@account.command("password")
@with_account
@with_generated
@click.pass_obj
def password(settings: Settings, account: str, *, generate: bool) -> None:
    """Give ACCOUNT a new password; its sessions end."""
    with _gestion(settings) as (_, gestion):
        found = gestion.trouver(account)
        fresh = _mot_de_passe(gestion, generate=generate)
        gestion.changer_mot_de_passe(found, fresh)
    ecrire(f"mot de passe changé : {account} ; ses sessions sont fermées")
    _dire(fresh if generate else None)


@account.command("factor")
@with_account
@click.pass_obj
def factor(settings: Settings, account: str) -> None:
    """Forget the second factor of ACCOUNT (a lost telephone): another is enrolled at the next login."""
    with _gestion(settings) as (_, gestion):
        gestion.oublier_facteur(gestion.trouver(account))
    ecrire(f"second facteur oublié : {account} ; un autre sera inscrit à la prochaine connexion")


@account.command("invite")
@with_account
@click.pass_obj
def invite(settings: Settings, account: str) -> None:
    """Print a fresh code, good once, within a week: it ties ACCOUNT to ProConnect, or chooses its password."""
    with _gestion(settings) as (_, gestion):
        _inviter(gestion, gestion.trouver(account))


@contextmanager
def _gestion(settings: Settings) -> Iterator[tuple[Registre, Any]]:
    with pret(settings) as served:
        from web.comptes import gestion  # noqa: PLC0415 - models are read once Django is set up

        yield served, gestion


def _mot_de_passe(gestion: Any, *, generate: bool) -> str:
    if generate:
        return str(gestion.engendrer())
    return str(click.prompt("Mot de passe", hide_input=True, confirmation_prompt="Encore une fois"))


def _dire(secret: str | None) -> None:
    if secret is not None:
        ecrire(f"mot de passe, montré cette seule fois : {secret}")


def _inviter(gestion: Any, compte: Any) -> None:
    code = gestion.inviter(compte, datetime.now(UTC))
    ecrire(f"code d'invitation, montré cette seule fois, bon une semaine : {code}")
    local = compte.has_usable_password()
    ecrire(
        "à saisir sur la page de connexion, pour choisir un mot de passe"
        if local
        else "à saisir sur la page de connexion, avant de s'identifier par ProConnect"
    )


def _ligne(compte: Any) -> dict[str, Any]:
    tied = "lié à ProConnect" if compte.oidc_sub else "invité à ProConnect" if compte.invitation else "sans accès"
    return {
        "identifiant": compte.identifiant,
        "role": compte.role,
        "libelle": compte.profil.role.libelle,
        "service": compte.service,
        "prefecture": compte.prefecture or None,
        "acteur": compte.acteur,
        "entree": "par mot de passe" if compte.has_usable_password() else tied,
        "second_facteur": any(each.confirmed for each in compte.application_set.all()),
        "actif": compte.is_active,
        "cree_le": compte.cree_le.isoformat(),
        "derniere_connexion": compte.last_login.isoformat() if compte.last_login else None,
    }
