"""The text function under every search: lower case, accents and ligatures taken off."""

from django.db import migrations

FOLD = """
CREATE FUNCTION akig_fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(
        replace(replace(lower($1), 'œ', 'oe'), 'æ', 'ae'),
        'àáâãäåçèéêëìíîïñòóôõöùúûüýÿɓɗɲŋƴɛɔ’',
        'aaaaaaceeeeiiiinooooouuuuyybdnnyeo'''
    )
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people_and_rights")]
    operations = [migrations.RunSQL(FOLD, "DROP FUNCTION akig_fold(text)")]
