from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('procurement', '0003_register'),
    ]

    operations = [
        migrations.AddField(
            model_name='seat',
            name='absent_since',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='absent since'),
        ),
    ]
