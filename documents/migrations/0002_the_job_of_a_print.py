import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0001_initial"),
        ("foundation", "0003_jobs"),
    ]

    operations = [
        migrations.AddField(
            model_name="print",
            name="job",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="print",
                to="foundation.job",
                verbose_name="job",
            ),
        ),
    ]
