from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comptes", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="compte",
            name="invitation",
            field=models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="compte",
            name="invitation_expire_le",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
