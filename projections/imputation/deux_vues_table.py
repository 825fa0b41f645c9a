"""How each kind of fact reaches the applicant and the agent: one answer for each side, for every event, no default.

The agent's side is the préfecture, with the services that hear the person for the administration (contact centre,
reception points): what they are told must be passed on (CRPA L.114-2). What a system logs reaches neither side.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from ledger.entry import Entry
from ledger.events import acces as ac
from ledger.events import cloture as cl
from ledger.events import correction as co
from ledger.events import decision as de
from ledger.events import depot as dp
from ledger.events import effet as ef
from ledger.events import incident as ic
from ledger.events import instruction as it
from ledger.events import personne as pe
from ledger.events import provisoire as pv
from ledger.events import reclamation as rc
from ledger.events import recours as rr
from ledger.events import support as su
from ledger.events import titre as ti
from ledger.events.base import Event
from ledger.events.listes import ModeNotification
from ledger.events.types import Canal, CodeIncident


class Cote(StrEnum):
    """Which of the two views."""

    USAGER = "usager"
    AGENT = "agent"

    @property
    def autre(self) -> "Cote":
        """The other side."""
        return Cote.AGENT if self is Cote.USAGER else Cote.USAGER

    @property
    def nom_fr(self) -> str:
        """The side as a sentence names it."""
        return "la personne" if self is Cote.USAGER else "la préfecture"


class Voie(NamedTuple):
    """How a fact reaches one side."""

    comment: str
    """In French."""
    de_soi: bool = False
    """It reaches by itself, on the day of the first of ``champs`` that is given, or of the fact."""
    champs: tuple[str, ...] = ()
    relais: tuple[type[Event], ...] = ()
    """The later facts that carry it, each when it reaches this side itself."""
    connaissance: bool = False
    """Whether reaching proves that the side knows; what was only put within reach does not."""
    si: Callable[[Entry], bool | None] | None = None
    """Whether the fact reaches by itself, on the day that ``de_soi`` would give; ``None`` when its source is silent."""
    sauf: CodeIncident | None = None
    """The malfunction that keeps it away while it lasts."""


class Acces(NamedTuple):
    """How a fact reaches each side."""

    usager: Voie
    agent: Voie

    def de(self, cote: Cote) -> Voie:
        """The way to ``cote``."""
        return self.usager if cote is Cote.USAGER else self.agent


def _fait(*champs: str, **given: Any) -> Voie:
    """The side did it, received it in hand, or was there."""
    return Voie("par l'acte même", de_soi=True, champs=champs, connaissance=True, **given)


def _mis(*champs: str, **given: Any) -> Voie:
    """Put within reach of the side."""
    return Voie("mis à sa portée ; la lecture n'en est pas prouvée", de_soi=True, champs=champs, **given)


def _si(*champs: str, par: tuple[type[Event], ...] = (), **given: Any) -> Voie:
    """When the fact itself gives the day, or when a later fact carries it; a day left out is one not known."""
    return Voie("le jour que le fait donne, ou par l'acte qui le porte", champs=champs, relais=par, **given)


def _par(*relais: type[Event], **given: Any) -> Voie:
    """Only through a later fact."""
    return Voie("seulement par l'acte qui le porte", relais=relais, **given)


def _rien(comment: str) -> Voie:
    """Nothing in the ledger can tell that it reached this side."""
    return Voie(comment)


def _en_main(entry: Entry) -> bool:
    event: Any = entry.fait.evenement
    return entry.fait.canal is Canal.GUICHET or getattr(event, "mode", None) is ModeNotification.REMISE_EN_MAIN_PROPRE


def _recue(entry: Entry) -> bool | None:
    event: Any = entry.fait.evenement
    return True if _en_main(entry) or event.recue_le is not None else None


def _lisible(entry: Entry) -> bool:
    event: Any = entry.fait.evenement
    return bool(event.lisible is not False)


def _avec_agent(entry: Entry) -> bool:
    event: Any = entry.fait.evenement
    return bool(event.agent_present is not False)


def _avise(entry: Entry) -> bool | None:
    event: Any = entry.fait.evenement
    told: bool | None = event.usager_avise
    return told


_LOI = _rien("effet de la loi ou du calendrier : aucun acte ne le porte")
_REGISTRE = _rien("trace du registre, que ce côté ne consulte pas")
_SANS_TRACE = _rien("aucun fait du vocabulaire ne dit quand ce côté l'a su")
_TIERS = _rien("fait d'un tiers, qui ne l'écrit pas à la préfecture")
_OUTIL = _rien("le journal du téléservice n'est pas l'outil de l'agent")

_SIGNALE: Final[tuple[type[Event], ...]] = (
    su.CccContacte, su.PanVisite, su.BlocageAtteste, su.SignalementTransmisDgef, su.SubstitutionDemandee,
    it.RelanceEnvoyee,
)  # fmt: skip
"""A failed attempt reaches the administration only when someone reports or certifies it."""
VUES: Final[tuple[type[Event], ...]] = (
    it.CompletudeAppreciee, it.ComplementDemande, it.RendezVousPropose, de.DecisionFavorablePrise, de.RefusDecide,
    cl.DossierClosParAgent, pv.AttestationProlongationDelivree, pv.AttestationProlongationRenouvelee,
)  # fmt: skip
"""The acts of the préfecture on a dossier that show that it sees it."""
_ECHEC = Acces(_fait(), _par(*_SIGNALE))
_EFFET = Acces(_fait("depuis_le", "repris_le", "retablie_le"), _TIERS)
_CALENDRIER = Acces(_LOI, _LOI)
_TRACE = Acces(_REGISTRE, _REGISTRE)

TABLE: Final[Mapping[type[Event], Acces]] = {
    # Dépôt
    dp.TentativeDepotEchouee: _ECHEC,
    dp.DemandeDeposee: Acces(
        _fait("deposee_le"),
        _mis("deposee_le", relais=VUES, sauf=CodeIncident.PROCEDURE_INVISIBLE_TO_PREFECTURE),
    ),
    dp.DemandePapierEnregistree: Acces(_fait("recue_le"), _fait("recue_le")),
    dp.AccuseReceptionDelivre: Acces(_mis("delivre_le"), _OUTIL),
    dp.AccuseEnregistrementDelivre: Acces(_mis("delivre_le"), _OUTIL),
    dp.AttestationDepotDelivree: Acces(_mis("delivree_le"), _OUTIL),
    dp.PieceVersee: Acces(_fait(), _si(par=(dp.PieceRecueParPrefecture,), si=_en_main)),
    dp.ReceptionPieceAccusee: Acces(_mis("recue_le"), _OUTIL),
    dp.VersementEchoue: _ECHEC,
    dp.PieceRecueParPrefecture: Acces(_SANS_TRACE, _fait("recue_le")),
    # Instruction
    it.CompletudeAppreciee: Acces(_par(it.ComplementMisADisposition, it.ComplementOuvert), _fait("appreciee_le")),
    it.ComplementDemande: Acces(
        _si(par=(it.ComplementMisADisposition, it.ComplementOuvert, it.ComplementRepondu), si=_en_main),
        _fait("demande_le"),
    ),
    it.ComplementMisADisposition: Acces(
        _mis(
            "mis_a_disposition_le",
            relais=(it.ComplementOuvert, it.ComplementRepondu),
            si=_lisible,
            sauf=CodeIncident.MESSAGES_NOT_READABLE,
        ),
        _fait("mis_a_disposition_le"),
    ),
    it.ComplementOuvert: Acces(_fait("ouvert_le"), _mis("ouvert_le")),
    it.ComplementRepondu: Acces(
        _fait("repondu_le"), _si(par=(dp.PieceRecueParPrefecture, it.CompletudeAppreciee), si=_en_main)
    ),
    it.DelaiComplementExpire: Acces(_SANS_TRACE, _mis("echeance")),
    it.DelaiComplementProroge: Acces(_SANS_TRACE, _fait()),
    it.RectificationDemandee: Acces(_fait(), _si(par=(it.RectificationAppliquee,), si=_en_main)),
    it.RectificationAppliquee: Acces(_mis("appliquee_le"), _fait("appliquee_le")),
    it.AnnulationDemandee: Acces(_fait("demandee_le"), _si(par=(it.DemandeRetiree,), si=_en_main)),
    it.DemandeRetiree: Acces(_fait("retiree_le"), _fait("retiree_le")),
    it.DemandeTransmise: Acces(_si("transmise_le", si=_avise), _fait("transmise_le")),
    it.RelanceEnvoyee: Acces(_fait("envoyee_le"), _si("recue_le", si=_recue)),
    it.RendezVousPropose: Acces(_mis("propose_le"), _fait("propose_le")),
    it.RendezVousTenu: Acces(_fait("tenu_le"), _fait("tenu_le")),
    it.RendezVousManque: Acces(_fait("prevu_le"), _fait("prevu_le")),
    # Clôture
    cl.DossierClosAutomatiquement: Acces(_mis("clos_le"), _mis("clos_le")),
    cl.DossierClosParAgent: Acces(_si("notifie_le"), _fait("clos_le")),
    cl.EnregistrementRefuse: Acces(_mis("refuse_le"), _fait("refuse_le")),
    cl.DossierRouvert: Acces(_SANS_TRACE, _fait("rouvert_le")),
    # Décision
    de.RefusImpliciteNe: _CALENDRIER,
    de.MotifsDemandes: Acces(_fait("demandes_le"), _si("recue_le", par=(de.MotifsCommuniques,))),
    de.MotifsCommuniques: Acces(_mis("communiques_le"), _fait("communiques_le")),
    de.DecisionFavorablePrise: Acces(
        _par(pv.AttestationDecisionFavorableDelivree, ti.CartePrete, ti.TitreRemis), _fait("prise_le")
    ),
    de.RefusDecide: Acces(_par(de.RefusNotifie), _fait("decide_le")),
    de.RefusNotifie: Acces(_mis("notifie_le"), _fait("notifie_le")),
    de.DecisionRetiree: Acces(_SANS_TRACE, _fait("retiree_le")),
    de.DecisionAnnulee: Acces(_mis("annulee_le"), _mis("annulee_le")),
    # Recours
    rr.RecoursForme: Acces(
        _fait("forme_le"), _si("recu_le", par=(rr.RecoursAdministratifRejete, rr.OrdonnanceRendue, rr.JugementRendu))
    ),
    rr.RefereForme: Acces(_fait("forme_le"), _par(rr.OrdonnanceRendue)),
    rr.OrdonnanceRendue: Acces(_mis("notifiee_le", "rendue_le"), _mis("notifiee_le", "rendue_le")),
    rr.JugementRendu: Acces(_mis("notifie_le", "rendu_le"), _mis("notifie_le", "rendu_le")),
    rr.RecoursAdministratifRejete: Acces(_mis("rejete_le"), _fait("rejete_le")),
    # Personne
    pe.CompteCree: Acces(_fait(), _OUTIL),
    pe.CreationCompteEchouee: _ECHEC,
    pe.ReinitialisationMotDePasseDemandee: Acces(_fait(), _OUTIL),
    pe.LienReinitialisationNonRecu: _ECHEC,
    pe.ConnexionReussie: Acces(_fait(), _OUTIL),
    pe.ConnexionEchouee: _ECHEC,
    pe.ChangementAdresseDeclare: Acces(_fait("declare_le"), _si(par=(pe.ChangementAdresseVuPrefecture,), si=_en_main)),
    pe.ChangementAdresseVuPrefecture: Acces(_SANS_TRACE, _fait("vu_le")),
    pe.CoordonneesModifiees: Acces(_fait(), _SANS_TRACE),
    pe.ConsentementNotificationElectroniqueDonne: Acces(_fait("donne_le"), _mis("donne_le")),
    pe.ConsentementNotificationElectroniqueRetire: Acces(_fait("retire_le"), _mis("retire_le")),
    pe.MandatDonne: Acces(_fait(), _SANS_TRACE),
    pe.MandatRevoque: Acces(_fait(), _SANS_TRACE),
    pe.NumeroEtrangerAttribue: Acces(_SANS_TRACE, _mis("attribue_le")),
    pe.NumeroEtrangerManquant: _ECHEC,
    pe.ProtectionReconnue: Acces(_mis("reconnue_le"), _par(pe.InstructionsAccesEnvoyees)),
    pe.InstructionsAccesEnvoyees: Acces(_si("recues_le"), _fait("envoyees_le")),
    pe.MajoriteAtteinte: _CALENDRIER,
    pe.VulnerabiliteSignalee: Acces(_fait("consentie_le"), _rien("accès restreint : le signalement n'y est pas versé")),
    # Titre
    ti.TitreRemis: Acces(_si("remis_le", connaissance=True), _fait("remis_le")),
    ti.TitreExpire: _CALENDRIER,
    ti.TitrePrecedentRestitue: Acces(_fait("restitue_le"), _fait("restitue_le")),
    ti.RestitutionNonEnregistree: Acces(_par(dp.TentativeDepotEchouee), _mis()),
    ti.RappelExpirationEnvoye: Acces(_mis(), _OUTIL),
    ti.RappelExpirationOuvert: Acces(_fait("ouvert_le"), _OUTIL),
    ti.FenetreDepotOuverte: _CALENDRIER,
    ti.FenetreDepotFermee: _CALENDRIER,
    ti.FabricationCarteCommandee: Acces(_par(ti.CartePrete, ti.TitreRemis), _fait("commandee_le")),
    ti.CartePrete: Acces(_mis("prete_le"), _fait("prete_le")),
    ti.TitreRetire: Acces(_mis("notifie_le"), _fait("notifie_le")),
    ti.AttestationDemandeAsileDelivree: Acces(_si("remise_le", connaissance=True), _fait()),
    # Documents provisoires
    pv.AttestationProlongationDue: _CALENDRIER,
    pv.AttestationProlongationDelivree: Acces(
        _si("mise_a_disposition_le", par=(pv.AttestationProlongationMiseADisposition,)), _fait()
    ),
    pv.AttestationProlongationMiseADisposition: Acces(_mis("mise_a_disposition_le"), _fait("mise_a_disposition_le")),
    pv.AttestationProlongationRenouvelee: Acces(
        _si("mise_a_disposition_le", par=(pv.AttestationProlongationMiseADisposition,)), _fait()
    ),
    pv.RenouvellementAttestationDemande: Acces(_fait("demande_le"), _mis("demande_le")),
    pv.RenouvellementAttestationEchoue: _ECHEC,
    pv.AttestationProlongationExpiree: _CALENDRIER,
    pv.ErreurAttestationSignalee: Acces(_fait("signalee_le"), _mis("signalee_le")),
    pv.AttestationProlongationCorrigee: Acces(
        _si("mise_a_disposition_le", par=(pv.AttestationProlongationMiseADisposition,)), _fait()
    ),
    pv.RecepisseDelivre: Acces(_si("remis_le", connaissance=True), _fait()),
    pv.RecepisseRenouvele: Acces(_si("remis_le", connaissance=True), _fait()),
    pv.RecepisseExpire: _CALENDRIER,
    pv.AttestationDecisionFavorableDelivree: Acces(_si("mise_a_disposition_le"), _fait()),
    # Incident
    ic.IncidentOuvert: Acces(_par(ic.UsagerInformeResolution, su.CccRepondu), _mis()),
    ic.PorteeIncidentFixee: Acces(_SANS_TRACE, _mis()),
    ic.PannePlateformeConstatee: Acces(_SANS_TRACE, _mis("debut")),
    ic.IncidentResolu: Acces(_par(ic.UsagerInformeResolution), _mis("resolu_le")),
    ic.UsagerInformeResolution: Acces(_mis("informe_le", "ouvert_le"), _fait("informe_le", "ouvert_le")),
    # Support
    su.CccContacte: Acces(_fait("contacte_le"), _mis("contacte_le")),
    su.CccRepondu: Acces(_mis("repondu_le"), _mis("repondu_le")),
    su.SignalementTransmisDgef: Acces(_SANS_TRACE, _mis("transmis_le")),
    su.BlocageAtteste: Acces(_fait("atteste_le"), _mis("atteste_le")),
    su.PanVisite: Acces(_fait("visite_le"), _si("visite_le", si=_avec_agent)),
    su.RendezVousPanIndisponible: _ECHEC,
    su.SubstitutionDemandee: Acces(
        _fait("demandee_le"),
        _si("recue_le", par=(su.SubstitutionRefusee, su.SubstitutionProposee, su.RendezVousSubstitutionTenu)),
    ),
    su.SubstitutionRefusee: Acces(_mis("refusee_le"), _fait("refusee_le")),
    su.SubstitutionProposee: Acces(_mis("proposee_le"), _fait("proposee_le")),
    su.RendezVousSubstitutionTenu: Acces(_fait("tenu_le"), _fait("tenu_le")),
    su.ModalitesSubstitutionPubliees: Acces(_mis("publiees_le"), _fait("publiees_le")),
    # Effets
    ef.OffreEmploiRecue: _EFFET,
    ef.OffreEmploiRetiree: _EFFET,
    ef.EmploiSuspendu: _EFFET,
    ef.EmploiRompu: _EFFET,
    ef.EmploiRepris: _EFFET,
    ef.PrestationOuverte: _EFFET,
    ef.PrestationSuspendue: _EFFET,
    ef.PrestationRetablie: _EFFET,
    ef.RadiationFranceTravail: _EFFET,
    ef.InscriptionFranceTravailRetablie: _EFFET,
    ef.CouvertureSantePerdue: _EFFET,
    ef.CouvertureSanteRetablie: _EFFET,
    ef.LogementOuBanqueRefuse: _EFFET,
    ef.LogementOuBanqueAccorde: _EFFET,
    # Accès
    ac.DossierConsulte: _TRACE,
    ac.RechercheEffectuee: _TRACE,
    ac.ExportProduit: _TRACE,
    ac.DossierPreuveScelle: _TRACE,
    ac.CompteChange: _TRACE,
    ac.IntegriteVerifiee: _TRACE,
    ac.OrdreFileDecide: _TRACE,
    ac.DemandeDroitsRecue: Acces(_fait("recue_le"), _REGISTRE),
    ac.DemandeDroitsRepondue: Acces(_mis("repondue_le"), _REGISTRE),
    ac.GelConservationPose: _TRACE,
    ac.GelConservationLeve: _TRACE,
    ac.ClePersonnelleDetruite: _TRACE,
    # Réclamation
    rc.ReclamationDddOuverte: Acces(_fait("ouverte_le"), _par(rc.ExplicationsDddDemandees)),
    rc.ExplicationsDddDemandees: Acces(_SANS_TRACE, _mis("demandees_le")),
    rc.ExplicationsDddFournies: Acces(_SANS_TRACE, _fait("fournies_le")),
    rc.RecommandationDddEmise: Acces(_SANS_TRACE, _mis("emise_le")),
    rc.SuiteRecommandationRapportee: Acces(_SANS_TRACE, _fait("rapportee_le")),
    rc.DocumentsAdministratifsDemandes: Acces(_fait("demandes_le"), _si("recue_le", par=(rc.AvisCadaRendu,))),
    rc.DemandeCadaDeposee: Acces(_fait("deposee_le"), _par(rc.AvisCadaRendu)),
    rc.AvisCadaRendu: Acces(_mis("rendu_le"), _mis("rendu_le")),
    # Correction
    co.FaitRetire: _TRACE,
    co.FaitConteste: Acces(_fait(), _REGISTRE),
}
"""For every event, how and when it reaches the applicant, then the agent."""
