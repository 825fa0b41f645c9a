"""Every address of the site. Each view declares what it shows; the guard answers no other."""

from django.urls import path

from web.api.v1 import api as api_v1
from web.pages import (
    accueil,
    actes,
    api,
    chronologie,
    compte,
    comptes,
    connexion,
    connu,
    consultations,
    contradictoire,
    export,
    fait,
    file,
    integrite,
    mon_historique,
    pieces,
    preuves,
    proconnect,
    recherche,
    recus,
    signaler,
    statistiques,
    textes,
    verifier,
)

UN = "dossiers/<str:sujet>/"

urlpatterns = [
    path("", accueil.accueil, name="accueil"),
    path("connexion/", connexion.connexion, name="connexion"),
    path("deconnexion/", connexion.deconnexion, name="deconnexion"),
    path("proconnect/", proconnect.depart, name="proconnect"),
    path("proconnect/retour/", proconnect.retour, name="proconnect-retour"),
    path("proconnect/invitation/", proconnect.invitation, name="proconnect-invitation"),
    path("compte/", compte.montrer, name="compte"),
    path("compte/sessions/fermer/", compte.fermer_session, name="compte-session"),
    path("compte/mot-de-passe/", compte.mot_de_passe, name="compte-mot-de-passe"),
    path("compte/codes-de-secours/", compte.codes, name="compte-codes"),
    path("compte/second-facteur/remplacer/", compte.remplacer_facteur, name="compte-facteur"),
    path("compte/jetons/", compte.creer_jeton, name="compte-jetons"),
    path("compte/jetons/revoquer/", compte.revoquer_jeton, name="compte-jeton-revoque"),
    path("second-facteur/", connexion.second_facteur, name="second-facteur"),
    path("second-facteur/inscrire/", connexion.second_facteur_inscrire, name="second-facteur-inscrire"),
    path("verifier/", verifier.verifier, name="verifier"),
    path("file/", file.montrer, name="file"),
    path("recherche/", recherche.montrer, name="recherche"),
    path("statistiques/", statistiques.montrer, name="statistiques"),
    path("statistiques/chiffres.csv", statistiques.telecharger, name="statistiques-csv"),
    path("integrite/", integrite.montrer, name="integrite"),
    path("integrite/telecharger/", integrite.telecharger, name="integrite-telecharger"),
    path("comptes/", comptes.lister, name="comptes"),
    path("comptes/creer/", comptes.creer, name="compte-creer"),
    path("comptes/<uuid:compte>/", comptes.un, name="compte-un"),
    path("aide/", textes.aide, name="aide"),
    path("accessibilite/", textes.accessibilite, name="accessibilite"),
    path("donnees-personnelles/", textes.donnees_personnelles, name="donnees-personnelles"),
    path("api/v1/", api.aide, name="api"),
    path("api/v1/openapi.json", api.description, name="api-schema"),
    path("api/v1/", api_v1.urls),
    path(f"{UN}motif/", connexion.motif, name="motif"),
    path(f"{UN}actes/", actes.liste, name="actes"),
    path(f"{UN}actes/<str:acte>/", actes.acte, name="acte"),
    path(f"{UN}reclamation/", contradictoire.montrer, name="contradictoire"),
    path(f"{UN}export/", export.assistant, name="export"),
    path(f"{UN}export/<str:export>/", export.telecharger, name="export-telecharger"),
    path(f"{UN}mon-historique/", mon_historique.montrer, name="mon-historique"),
    path(f"{UN}acces/", consultations.montrer, name="consultations"),
    path(f"{UN}recus/", recus.montrer, name="recus"),
    path(f"{UN}recus/<str:export>/", recus.telecharger, name="recu"),
    path(f"{UN}signaler/", signaler.signaler, name="signaler"),
    path(UN, chronologie.montrer, name="chronologie"),
    path(f"{UN}faits/<int:numero>/", fait.montrer, name="fait"),
    path(f"{UN}pieces/<str:sha256>/", pieces.telecharger, name="piece"),
    path(f"{UN}preuves/", preuves.montrer, name="preuves"),
    path(f"{UN}obligations/", preuves.obligations, name="obligations"),
    path(f"{UN}connu/", connu.montrer, name="connu"),
]

handler400 = "web.pages.erreurs.incomprise"
handler403 = "web.pages.erreurs.interdit"
handler404 = "web.pages.erreurs.introuvable"
handler500 = "web.pages.erreurs.panne"
