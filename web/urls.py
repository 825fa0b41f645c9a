"""Every address of the site. Each view declares what it shows; the guard answers no other."""

from django.urls import path

from web.pages import accueil, chronologie, comptes, connexion, file, integrite, recherche, statistiques, textes

UN = "dossiers/<str:sujet>/"

urlpatterns = [
    path("", accueil.accueil, name="accueil"),
    path("connexion/", connexion.connexion, name="connexion"),
    path("deconnexion/", connexion.deconnexion, name="deconnexion"),
    path("second-facteur/", connexion.second_facteur, name="second-facteur"),
    path("second-facteur/inscrire/", connexion.second_facteur_inscrire, name="second-facteur-inscrire"),
    path("file/", file.montrer, name="file"),
    path("recherche/", recherche.montrer, name="recherche"),
    path("statistiques/", statistiques.montrer, name="statistiques"),
    path("statistiques/chiffres.csv", statistiques.telecharger, name="statistiques-csv"),
    path("integrite/", integrite.montrer, name="integrite"),
    path("integrite/telecharger/", integrite.telecharger, name="integrite-telecharger"),
    path("comptes/", comptes.lister, name="comptes"),
    path("comptes/creer/", comptes.creer, name="compte-creer"),
    path("comptes/<uuid:compte>/", comptes.un, name="compte"),
    path("aide/", textes.aide, name="aide"),
    path("accessibilite/", textes.accessibilite, name="accessibilite"),
    path("donnees-personnelles/", textes.donnees_personnelles, name="donnees-personnelles"),
    path(f"{UN}motif/", connexion.motif, name="motif"),
    path(UN, chronologie.montrer, name="chronologie"),
]

handler400 = "web.pages.erreurs.incomprise"
handler403 = "web.pages.erreurs.interdit"
handler404 = "web.pages.erreurs.introuvable"
handler500 = "web.pages.erreurs.panne"
