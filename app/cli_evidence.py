"""The commands of the evidence and of the rules it follows: what is owed, lost, foreseen, supposed, hit and counted."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

import click

from app import affichage_preuve, affichage_regles, affichage_transversal, transversal
from app.cli_common import (
    life_and_incidents,
    moment_of,
    print_json,
    progress_bar,
    with_json,
    with_known_on,
    with_person,
    with_true_on,
)
from app.open import open_ledger
from app.options import Choice, Day, Instant, Reference, Whole
from app.settings import Settings
from console import usage
from ledger.days import paris_day
from ledger.errors import (
    ConstatError,
)
from ledger.interchange import json_schema, read_line
from ledger.retained import holding
from projections.imputation.blocage import releve
from projections.imputation.prevision import HORIZON, previsions
from projections.priorites import LIMITE
from projections.statistiques import MINIMUM, PLANCHER, Par
from replay.as_of import Moment, plain
from replay.deux_jeux import ecart_regles
from replay.ensemble import preuves
from replay.passe import avec_le_passe
from replay.preuve import Preuve, preuve
from replay.schemas import DUES, NOMS, schema
from replay.what_if import what_if
from rules.base import Source, Verification, quantieme
from rules.catalogue import REGLES, Regle, empreinte, jeux_nommes, regle
from rules.jeux import ACTUEL, JEUX, Jeu

_INTERCHANGE: Final = "interchange"

_rules_pinned = click.option(
    "--rules", type=Reference(), help="Digest, or its beginning, of the set of rules to follow (see `constat rules`)."
)


@click.command(cls=usage.Command, name="duties")
@with_person
@with_known_on
@with_true_on
@_rules_pinned
@with_json
@click.pass_obj
def duties_command(
    settings: Settings,
    person: str,
    known_on: datetime | None,
    true_on: date | None,
    rules: str | None,
    *,
    as_json: bool,
) -> None:
    """Who owed what to PERSON's dossiers, and PERSON too: from when, until when, done by which fact or not done."""
    found = _preuve(settings, person, moment_of(known_on, true_on), rules)
    if as_json:
        print_json({name: getattr(found, name) for name in DUES})
    else:
        affichage_preuve.obligations(person, found)


@click.command(cls=usage.Command, name="evidence")
@click.argument("person", type=Reference(), required=False)
@click.option("--all", "everybody", is_flag=True, help="Everybody, one JSON line a person, as a stream.")
@click.option("--workers", type=Whole(0, 256), help="With --all: how many processes (default: one a processor).")
@click.option("--as-of", "--known-on", "known_on", type=Instant(), help="Only what had been recorded by then.")
@with_true_on
@_rules_pinned
@click.option("--against-rules", type=Reference(), help="A second set of rules: show what changes between the two.")
@click.option("--without-past", is_flag=True, help="Do not replay what was believed before: faster on a long life.")
@with_json
@click.pass_obj
def evidence_command(
    settings: Settings,
    person: str | None,
    workers: int | None,
    known_on: datetime | None,
    true_on: date | None,
    rules: str | None,
    against_rules: str | None,
    *,
    without_past: bool,
    everybody: bool,
    as_json: bool,
) -> None:
    """Every day PERSON lost: to whom it is due, what shows it, what speaks against it, what was believed before.

    With --all, the evidence of everybody as known when the command begins, without what was believed before, in an
    order that says nothing of them.
    """
    alone = against_rules is not None or without_past
    if everybody == (person is not None) or (everybody and alone) or (workers is not None and not everybody):
        msg = (
            "donnez une personne, ou --all pour toutes ; --workers va avec --all, les autres options avec une personne"
        )
        raise click.UsageError(msg)
    moment = moment_of(known_on, true_on)
    if person is None:
        _everybody(settings, Moment(known_on or datetime.now(UTC), moment.au), _jeu(rules), workers)
        return
    if against_rules is not None:
        before, after = _jeu(rules), _jeu(against_rules)
        with open_ledger(settings) as opened:
            gap = ecart_regles(life_and_incidents(opened, person), moment, before, after)
        if as_json:
            print_json(gap)
        else:
            affichage_regles.ecart(person, gap)
        return
    found = _preuve(settings, person, moment, rules, past=not without_past)
    if as_json:
        print_json(found)
    else:
        affichage_preuve.preuve(person, found)


_prefecture = click.option("--prefecture", type=Reference(), help="Only the dossiers of this préfecture.")
_limit = click.option(
    "--limit", type=Whole(1, 100_000), default=LIMITE, show_default=True, help="How many lines at most."
)


@click.command(cls=usage.Command, name="forecast")
@click.argument("person", type=Reference(), required=False)
@click.option("--days", type=Whole(1, 3_660), default=HORIZON, show_default=True, help="How many days to look ahead.")
@_prefecture
@_limit
@with_known_on
@with_true_on
@with_json
@click.pass_obj
def forecast_command(
    settings: Settings,
    person: str | None,
    days: int,
    prefecture: str | None,
    limit: int,
    known_on: datetime | None,
    true_on: date | None,
    *,
    as_json: bool,
) -> None:
    """The days PERSON will lose if nothing happens, and the single acts that prevent it, each with whose duty it is.

    Without PERSON, the agents' queue: everybody, ordered by harm, each place explained.
    """
    moment = moment_of(known_on, true_on)
    if person is None:
        if known_on is not None:
            msg = "--known-on demande une personne : la file est celle de ce que le registre sait maintenant"
            raise click.UsageError(msg)
        with open_ledger(settings) as opened:
            queue = transversal.file(opened, moment.au, days, prefecture, limit)
        if as_json:
            print_json(queue)
        else:
            affichage_transversal.priorites(moment.au, days, queue)
        return
    with open_ledger(settings) as opened:
        held = holding(life_and_incidents(opened, person), at=moment.connu_le, on=moment.au)
    found = previsions(held, moment.au, days)
    if as_json:
        print_json(found)
    else:
        affichage_preuve.previsions(person, moment.au, days, found)


@click.command(cls=usage.Command, name="incidents")
@click.argument("reference", type=Reference(), required=False)
@click.option("--person", type=Reference(), help="The statement of blockage of one person.")
@_limit
@with_known_on
@with_true_on
@with_json
@click.pass_obj
def incidents_command(
    settings: Settings,
    reference: str | None,
    person: str | None,
    limit: int,
    known_on: datetime | None,
    true_on: date | None,
    *,
    as_json: bool,
) -> None:
    """The incidents and how much each hit; with REFERENCE, what that one hit, and whom.

    With --person, the statement of blockage that the substitution channel asks for.
    """
    moment = moment_of(known_on, true_on)
    if (person is None and known_on is not None) or (person is not None and reference is not None):
        msg = "--known-on va avec --person, et --person exclut une référence d'incident"
        raise click.UsageError(msg)
    with open_ledger(settings) as opened:
        if person is not None:
            held = holding(life_and_incidents(opened, person), at=moment.connu_le, on=moment.au)
            statement = releve(held, moment.au)
            if as_json:
                print_json(statement)
            else:
                affichage_transversal.releve(person, statement, held)
            return
        if reference is not None:
            hits = transversal.touches(opened, reference, moment.au)
            if as_json:
                print_json(hits)
            else:
                affichage_transversal.atteintes(reference, hits)
            return
        found = transversal.liste(opened, moment.au, limit)
    if as_json:
        print_json(found)
    else:
        affichage_transversal.incidents(moment.au, found)


@click.command(cls=usage.Command, name="stats")
@click.option("--by", type=Choice([each.value for each in Par]), default=Par.ENSEMBLE.value, show_default=True)
@click.option("--from", "since", type=Day(), help="First day counted (default: one year before the last one).")
@click.option("--to", "until", type=Day(), help="Last day counted, and from which all is seen (default: today).")
@_prefecture
@click.option(
    "--min-cell",
    type=Whole(PLANCHER, 1_000_000),
    default=MINIMUM,
    show_default=True,
    help="Fewer persons than this in a cell, and it is masked.",
)
@with_json
@click.pass_obj
def stats_command(
    settings: Settings,
    by: str,
    since: date | None,
    until: date | None,
    prefecture: str | None,
    min_cell: int,
    *,
    as_json: bool,
) -> None:
    """What the Défenseur des droits counts across dossiers: each figure with its denominator, small cells masked."""
    last = until or paris_day(datetime.now(UTC))
    first = since or quantieme(last, -12)
    if first > last:
        msg = f"--from ({first}) est après --to ({last})"
        raise click.UsageError(msg)
    with open_ledger(settings) as opened:
        found = transversal.chiffres(opened, first, last, Par(by), prefecture, min_cell)
    if as_json:
        print_json(found)
    else:
        affichage_transversal.statistiques(found)


@click.command(cls=usage.Command, name="what-if")
@with_person
@click.option(
    "--without", multiple=True, type=Reference(), help="Id of a fact to leave out; may be given several times."
)
@click.option("--with", "supposed", multiple=True, type=Reference(), help="A fact to suppose, as an interchange line.")
@with_known_on
@with_true_on
@with_json
@click.pass_obj
def what_if_command(
    settings: Settings,
    person: str,
    without: tuple[str, ...],
    supposed: tuple[str, ...],
    known_on: datetime | None,
    true_on: date | None,
    *,
    as_json: bool,
) -> None:
    """The evidence of PERSON had some facts not happened, or others: nothing is recorded."""
    facts = [read_line(os.fsencode(each)) for each in supposed]
    with open_ledger(settings) as opened:
        found = what_if(life_and_incidents(opened, person), moment_of(known_on, true_on), without, facts)
    if as_json:
        print_json(found)
    else:
        affichage_preuve.hypothese(person, found)


@click.command(cls=usage.Command, name="rules")
@click.argument("identifiant", required=False, type=Reference())
@click.option("--label", type=Choice([each.value for each in Verification]), help="Only sources so verified.")
@with_json
def rules_command(identifiant: str | None, label: str | None, *, as_json: bool) -> None:
    """What the law says: every source of every rule, with its dates and how far it was checked.

    A rule read more than once says which sets follow each reading. With IDENTIFIANT, that rule whole: the text above
    its code. Needs no ledger.
    """
    chosen = REGLES if identifiant is None else (_rule(identifiant),)
    shown = [replace(rule, sources=_sources(rule, label)) for rule in chosen]
    shown = [rule for rule in shown if rule.sources]
    if as_json:
        sets = [{"empreinte": empreinte(jeu), **plain(jeu)} for jeu in JEUX]
        print_json({"empreinte": empreinte(ACTUEL), "jeux": sets, "regles": [_rule_json(rule) for rule in shown]})
    else:
        affichage_regles.regles(shown, entieres=identifiant is not None)


@click.command(cls=usage.Command, name="schema")
@click.argument("what", type=Choice([_INTERCHANGE, *NOMS]), default=_INTERCHANGE)
def schema_command(what: str) -> None:
    """Print the JSON Schema of WHAT, made from the models: the interchange format, or what a command prints as JSON.

    `against-rules` is what `constat evidence --against-rules` prints.
    """
    print_json(json_schema() if what == _INTERCHANGE else schema(what))


def _rule(identifiant: str) -> Regle:
    try:
        return regle(identifiant)
    except KeyError:
        msg = f"aucune règle « {identifiant} » : « constat rules » donne tous les identifiants"
        raise ConstatError(msg) from None


def _sources(rule: Regle, label: str | None) -> tuple[Source, ...]:
    return tuple(source for source in rule.sources if label in {None, source.verification.value})


def _rule_json(rule: Regle) -> dict[str, Any]:
    sources = [
        {"reference": source.reference, "sens": source.verification.sens, **plain(source)} for source in rule.sources
    ]
    readings = [
        {
            "numero": number,
            "connue_le": rule.connue_le(number),
            "jeux": [empreinte(jeu) for jeu in JEUX if jeu.lecture(rule.identifiant) == number],
        }
        for number in range(1, len(rule.lectures) + 1)
    ]
    return {**plain(rule), "sources": sources, "lectures": readings}


def _everybody(settings: Settings, moment: Moment, jeu: Jeu, workers: int | None) -> None:
    with open_ledger(settings) as opened:
        with opened.ledger.connection() as conn:
            row = conn.execute("SELECT count(*) FROM ledger.person_key").fetchone()
        with progress_bar(row[0] if row else 0, "personnes", quiet=False) as bar:
            for persons, lines in preuves(opened.ledger, opened.keys, moment, jeu, workers=workers):
                click.echo(lines, nl=False)
                bar.advance(bar.task_ids[0], persons)


def _preuve(settings: Settings, person: str, moment: Moment, rules: str | None, *, past: bool = False) -> Preuve:
    jeu = _jeu(rules)
    with open_ledger(settings) as opened:
        entries = life_and_incidents(opened, person)
    found = preuve(entries, moment, jeu)
    return avec_le_passe(entries, found, jeu) if past else found


def _jeu(rules: str | None) -> Jeu:
    """The set of rules asked for by its digest, or by the beginning of it; the last one when none is."""
    named = (ACTUEL,) if rules is None else jeux_nommes(rules)
    if len(named) == 1:
        return named[0]
    said = "peut être l'empreinte de plusieurs jeux de règles" if named else "n'est l'empreinte d'aucun jeu de règles"
    msg = f"« {rules} » {said} ; ce programme a {affichage_regles.jeux_connus()}"
    raise ConstatError(msg)


COMMANDES: Final = (
    duties_command,
    evidence_command,
    forecast_command,
    incidents_command,
    stats_command,
    what_if_command,
    rules_command,
    schema_command,
)
