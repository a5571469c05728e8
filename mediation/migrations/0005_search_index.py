"""What PostgreSQL searches: stored vectors beside the folded words, each with its index.

French stems, so that « halls » finds « hall », and the words as they are, so that the beginning of
one finds it. Both texts are folded by Python, hence no extension. Whatever is neither letter nor
digit separates words, or « 2026-142 » would be a number below zero. The columns are the database's
own affair: no model knows them, and SQLite has none (see mediation/search.py).
"""

from django.db import migrations

TABLE = "mediation_activity"
COLUMNS = {"shared_search": "shared_words", "own_search": "own_words"}


def add(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for column, words in COLUMNS.items():
        bare = f"regexp_replace({words}, '[^[:alnum:]]+', ' ', 'g')"
        schema_editor.execute(
            f"ALTER TABLE {TABLE} ADD COLUMN {column} tsvector GENERATED ALWAYS AS "
            f"(strip(to_tsvector('french', {bare}) || to_tsvector('simple', {bare}))) STORED"
        )
        # A short list of what is pending (in kB): every search reads the whole of it.
        schema_editor.execute(
            f"CREATE INDEX activity_{column} ON {TABLE} USING gin ({column}) "
            "WITH (gin_pending_list_limit = 256)"
        )


def remove(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for column in COLUMNS:
        schema_editor.execute(f"ALTER TABLE {TABLE} DROP COLUMN {column}")


class Migration(migrations.Migration):
    dependencies = [("mediation", "0004_preset_set_aside")]
    operations = [migrations.RunPython(add, remove)]
