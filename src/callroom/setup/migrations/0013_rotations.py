from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('setup', '0012_chain_line'),
    ]

    operations = [
        migrations.AlterField(
            model_name='nightfile',
            name='kind',
            field=models.CharField(choices=[('people', 'people'), ('units', 'units'), ('evaluators', 'evaluators'), ('rotations', 'rotations')], max_length=12),
        ),
    ]
