from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bids', '0004_promises'),
        ('procurement', '0004_absent_since'),
    ]

    operations = [
        migrations.AddField(
            model_name='declaration',
            name='undertakings',
            field=models.JSONField(default=list, verbose_name='undertakings'),
        ),
        migrations.AddField(
            model_name='recusal',
            name='at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='entered'),
        ),
        migrations.AddField(
            model_name='recusal',
            name='by_name',
            field=models.CharField(blank=True, max_length=600, verbose_name='entered by'),
        ),
    ]
