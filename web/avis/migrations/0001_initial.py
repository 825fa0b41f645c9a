import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("comptes", "0002_invitation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "place",
            },
        ),
        migrations.CreateModel(
            name="Abonnement",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("nom", models.CharField(max_length=80, verbose_name="nom")),
                ("adresse", models.CharField(max_length=500, verbose_name="adresse")),
                ("secret", models.BinaryField()),
                ("ancien", models.BinaryField(null=True)),
                ("ancien_expire_le", models.DateTimeField(blank=True, null=True)),
                ("cree_le", models.DateTimeField(default=django.utils.timezone.now)),
                ("prochain_le", models.DateTimeField(default=django.utils.timezone.now)),
                ("essais", models.PositiveIntegerField(default=0)),
                ("echec_depuis", models.DateTimeField(blank=True, null=True)),
                ("echec", models.CharField(blank=True, max_length=80)),
                ("livre_le", models.DateTimeField(blank=True, null=True)),
                ("arrete_le", models.DateTimeField(blank=True, null=True)),
                ("arret", models.CharField(blank=True, max_length=120)),
                (
                    "compte",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="abonnements",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "jeton",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="abonnements",
                        to="comptes.jeton",
                    ),
                ),
            ],
            options={
                "verbose_name": "abonnement",
            },
        ),
        migrations.CreateModel(
            name="Suivi",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sujet", models.UUIDField(db_index=True)),
                ("fondement", models.CharField(blank=True, max_length=40)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("depuis", models.BigIntegerField()),
                ("cree_le", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "abonnement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="suivis", to="avis.abonnement"
                    ),
                ),
            ],
            options={
                "verbose_name": "suivi",
            },
        ),
        migrations.CreateModel(
            name="Avis",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("message", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("evenement", models.UUIDField(null=True)),
                ("date", models.DateTimeField()),
                ("trace_le", models.DateTimeField(null=True)),
                (
                    "abonnement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="avis", to="avis.abonnement"
                    ),
                ),
                (
                    "suivi",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="avis", to="avis.suivi"
                    ),
                ),
            ],
            options={
                "verbose_name": "avis",
            },
        ),
        migrations.AddIndex(
            model_name="abonnement",
            index=models.Index(
                condition=models.Q(("arrete_le__isnull", True)), fields=["prochain_le"], name="abonnement_a_servir"
            ),
        ),
        migrations.AddConstraint(
            model_name="suivi",
            constraint=models.UniqueConstraint(fields=("abonnement", "sujet"), name="suivi_une_fois"),
        ),
        migrations.AddConstraint(
            model_name="avis",
            constraint=models.UniqueConstraint(fields=("suivi", "evenement"), name="avis_une_fois"),
        ),
    ]
