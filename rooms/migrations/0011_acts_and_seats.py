import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rooms', '0010_official_results'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='chatline',
            name='gone_at_ms',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='deleted at'),
        ),
        migrations.AddField(
            model_name='membership',
            name='entered_at_ms',
            field=models.BigIntegerField(db_default=0, default=0, verbose_name='entered'),
        ),
        migrations.AddField(
            model_name='room',
            name='chat_mode',
            field=models.CharField(choices=[('on', 'On'), ('slow', 'Slow: one line in 10 s'), ('reactions', 'Reactions only'), ('off', 'Off')], db_default='on', default='on', max_length=10, verbose_name='chat'),
        ),
        migrations.CreateModel(
            name='RoomAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('mute', 'muted'), ('unmute', 'unmuted'), ('remove', 'removed'), ('ban', 'banned'), ('unban', 'let back in'), ('make_cohost', 'made co-host'), ('make_moderator', 'made moderator'), ('make_player', 'made player'), ('delete_line', 'deleted a line'), ('chat_mode', 'changed the chat'), ('rename', 'took another name'), ('change_room', 'changed the room'), ('end_room', 'ended the room'), ('offer_seat', 'offered a seat'), ('take_seat', 'took a seat'), ('operator', 'changed by an operator')], max_length=20, verbose_name='what')),
                ('by_name', models.CharField(blank=True, max_length=28, verbose_name='who, by name')),
                ('of_name', models.CharField(blank=True, max_length=28, verbose_name='whom, by name')),
                ('detail', models.CharField(blank=True, max_length=600, verbose_name='about')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('at_ms', models.BigIntegerField(verbose_name='at')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='whom')),
                ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acts', to='rooms.room', verbose_name='room')),
            ],
            options={
                'verbose_name': 'act in a room',
                'verbose_name_plural': 'acts in rooms',
            },
        ),
        migrations.CreateModel(
            name='RoomSeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('host', 'Host'), ('cohost', 'Co-host'), ('moderator', 'Moderator'), ('player', 'Player')], max_length=10, verbose_name='role')),
                ('digest', models.CharField(max_length=64, unique=True, verbose_name="token's hash")),
                ('expires_at_ms', models.BigIntegerField(verbose_name='expires')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='rooms.room', verbose_name='room')),
                ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken by')),
            ],
            options={
                'verbose_name': 'seat',
                'verbose_name_plural': 'seats',
            },
        ),
    ]
