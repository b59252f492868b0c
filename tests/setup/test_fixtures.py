"""The fixtures other tests stand on."""

from contextlib import closing

import psycopg2


def test_a_scratch_database_is_migrated_and_ones_own(database_url: str, scratch_database) -> None:
    with scratch_database() as other:
        assert other != database_url
        with closing(psycopg2.connect(other)) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE only_here ()")
            connection.commit()
            cursor.execute("SELECT count(*) FROM schema_migration")
            assert cursor.fetchone()[0] > 0
        with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('only_here')")
            assert cursor.fetchone() == (None,)


def test_the_browser_draws_chinese_text(chromium) -> None:
    page = chromium.new_page()
    page.set_content("<p style='font:40px sans-serif'><span id=a>园</span><span id=b>\U0010fffd</span></p>")
    fonts = page.context.new_cdp_session(page)
    fonts.send("DOM.enable")
    fonts.send("CSS.enable")
    root = fonts.send("DOM.getDocument")["root"]["nodeId"]
    node = fonts.send("DOM.querySelector", {"nodeId": root, "selector": "#a"})["nodeId"]
    used = fonts.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    page.close()
    assert [font["familyName"] for font in used if "CJK" in font["familyName"]]
