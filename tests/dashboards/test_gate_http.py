"""A served gate, asked as a browser asks, and as no browser would: every way in, for everybody."""

from __future__ import annotations

import asyncio
import re
import urllib.parse
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
WAYS_IN = [
    "", "what_if", "what_if?viewer=dana&scope=company", "voila/static/voila.js",
    "voila/templates/spm/static/x.js", "voila/labextensions/x.js", "voila/files/what_if.ipynb",
    "voila/tree", "voila/api/themes/x", "api/kernels", "api/kernels/{kernel}", "nowhere",
    "voila/api/contents", "voila/render/what_if.ipynb", "voila/execution/{kernel}",
]  # fmt: skip


@pytest.fixture(scope="module")
def words(site):
    return {name: site.word_of(name) for name in ("dana", "yossi", "late", "ghost", "stranger")}


@pytest.fixture(scope="module")
def kernel(site, words):
    """A kernel of dana's page."""
    status, headers, page = site.ask("what_if", word=words["dana"])
    assert status == 200
    assert "no-store" in headers["Cache-Control"]
    found = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page)
    assert found
    assert site.ask(f"api/kernels/{found[1]}", word=words["dana"])[0] == 200
    return found[1]


@pytest.mark.parametrize("way", WAYS_IN)
def test_every_way_in_is_closed_to_the_unknown(site, kernel, way):
    for forged in (
        {},
        {"X-Remote-User": "dana"},
        {"X-Forwarded-For": "127.0.0.9", "X-Remote-User": "dana", "X-Real-IP": "127.0.0.9"},
        {"Cookie": "spm-session=dana; username-127-0-0-1=dana; SPM_VIEWER=dana"},
        {"Authorization": "token dana"},
    ):
        status, headers, body = site.ask(way.format(kernel=kernel), headers=forged)
        assert status == 303
        assert headers["Location"].startswith("/login?next=%2F")
        assert body == ""


@pytest.mark.parametrize("name", ["late", "stranger"])
@pytest.mark.parametrize("way", WAYS_IN)
def test_without_a_grant_of_today_there_is_only_a_page_that_says_what_to_ask_for(
    site, words, kernel, name, way
):
    status, _, body = site.ask(way.format(kernel=kernel), word=words[name])
    assert status == 403
    assert "under [access] in the workspace file" in body
    assert f"You are signed in as {name}." in body
    assert "M01" not in body


def test_a_kernel_of_one_viewer_is_not_there_for_another(site, words, kernel):
    other, own = words["yossi"], words["dana"]
    post = {"Origin": site.here}
    for path, method in (
        (f"api/kernels/{kernel}", "GET"),
        (f"api/kernels/{kernel}", "DELETE"),
        (f"voila/api/shutdown/{kernel}", "POST"),
        (f"voila/api/shutdown/%{ord(kernel[0]):x}{kernel[1:]}", "POST"),
    ):
        assert site.ask(path, word=other, method=method, headers=post)[0] == 404
        assert site.ask(path, method=method, headers=post)[0] in (401, 303)
    assert site.socket(kernel, word=other) == 404
    assert site.socket(kernel) == 401
    assert site.socket(kernel, word="invented") == 401
    assert site.socket(kernel, word=own, origin="http://evil.example") == 403
    assert site.socket(kernel, word=own, origin="") == 403
    assert site.socket(kernel, word=own) == 101
    assert site.ask(f"api/kernels/{kernel}", word=own)[0] == 200, "nobody has ended it"
    second = site.word_of("dana")
    assert site.ask(f"api/kernels/{kernel}", word=second)[0] == 404, "nor another browser's"


def test_only_the_proxy_at_its_own_address_names_a_viewer(site):
    port = int(site.here.rpartition(":")[2])
    asked = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Remote-User: dana\r\n\r\n"
    assert site.raw(asked, "127.0.0.9") == 200
    assert site.raw(asked, "127.0.0.8") == 303
    twice = asked.replace("X-Remote", "X-Remote-User: yossi\r\nX-Remote")
    assert site.raw(twice, "127.0.0.9") == 303


def test_a_session_is_a_random_word_that_scripts_and_other_sites_do_not_get(site):
    found = [site.sign_in("dana")[1]["Set-Cookie"] for _ in range(2)]
    assert found[0] != found[1]
    for cookie in found:
        word = re.match(r"spm-session-\d+=([\w-]+);", cookie)
        assert word
        assert len(word[1]) >= 43
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Domain" not in cookie
        assert "Secure" not in cookie
    over_tls = site.sign_in("dana", origin=site.here.replace("http:", "https:"))[1]["Set-Cookie"]
    assert "Secure" in over_tls


def test_signing_in_comes_from_our_own_page_and_leads_to_our_own_pages(site):
    assert site.sign_in("dana", origin="http://evil.example")[0] == 403
    assert site.sign_in("dana", origin="null")[0] == 403
    for asked in ("https://evil.example", "//evil.example", "/\\evil.example", "/login"):
        assert site.sign_in("dana", goal=asked)[1]["Location"] == "/"
    told = site.sign_in("dana", goal="/what_if?language=he")[1]["Location"]
    assert told == "/what_if?language=he"
    by_address = {"name": "dana", "password": "password of dana"}
    path = f"login?{urllib.parse.urlencode(by_address)}"
    status, headers, _ = site.ask(path, method="POST", data={}, headers={"Origin": site.here})
    assert (status, headers["Set-Cookie"]) == (401, None), "a password never stands in an address"


def test_signing_out_ends_session_and_kernels(site):
    word = site.word_of("dana")
    page = site.ask("what_if", word=word)[2]
    found = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page)
    assert found
    foreign = {"Origin": "http://evil.example"}
    assert site.ask("logout", word=word, method="POST", data={}, headers=foreign)[0] == 403
    assert site.ask(f"api/kernels/{found[1]}", word=word)[0] == 200
    status, headers, _ = site.ask(
        "logout", word=word, method="POST", data={}, headers={"Origin": site.here}
    )
    assert (status, headers["Location"]) == (303, "/login")
    assert site.ask(f"api/kernels/{found[1]}", word=word)[0] == 303
    assert found[1] not in Path("/proc/net/unix").read_text(), "its kernel has ended"


def test_guessing_is_slowed_down_and_says_so_in_both_languages(site):
    told = [site.sign_in("guessed", "wrong password")[0] for _ in range(5)]
    assert told == [401] * 5
    status, headers, body = site.sign_in("guessed")
    assert status == 429, "even with the right one"
    assert 0 < int(headers["Retry-After"]) <= 900
    assert "Try again in 15 minutes." in body
    told = {"name": "guessed", "password": "x", "language": "he"}
    said = site.ask("login", method="POST", data=told, headers={"Origin": site.here})[2]
    assert 'dir="rtl"' in said
    assert "יותר מדי סיסמאות שגויות" in said
    assert site.sign_in("dana")[0] == 303, "others can still sign in"


def test_what_is_written_back_is_never_markup(site):
    name = "<script>alert(1)</script>"
    body = site.sign_in(name, goal='/what_if?"><script>')[2]
    assert "<script" not in body
    page = site.ask("login?next=%22%3E%3Cscript%3E&language=%3Cscript%3E")
    assert "<script" not in page[2]
    assert "default-src 'none'" in page[1]["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page[1]["Content-Security-Policy"]


def test_a_grant_that_names_nobody_lists_nobody(site, words):
    status, _, body = site.ask("what_if", word=words["ghost"])
    assert status == 403
    assert "There is nobody to show." in body
    assert not re.search(r"M0\d|Enterprise|צפון", body)


def test_it_answers_to_its_names_only(site, words):
    for host, status in (("evil.example", 403), ("dashboards.test", 303), ("localhost", 303)):
        assert site.ask("", headers={"Host": host})[0] == status


def test_a_grant_that_is_withdrawn_ends_pages_that_are_open(site, sample_workspace):
    file = site.log.parent / "spm.toml"
    word = site.word_of("yossi")
    page = site.ask("what_if", word=word)[2]
    found = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page)
    assert found
    kept = file.read_text(encoding="utf-8")
    changed = kept.replace('"team:Enterprise"', '"team:Enterprise"\nvalid_to = 2020-01-01')
    file.write_text(changed, encoding="utf-8")
    try:
        assert site.ask("what_if", word=word)[0] == 403
        assert site.socket(found[1], word=word) == 403
        for _ in range(100):
            if found[1] not in Path("/proc/net/unix").read_text():
                break
            asyncio.run(asyncio.sleep(0.1))
        assert found[1] not in Path("/proc/net/unix").read_text()
    finally:
        file.write_text(kept, encoding="utf-8")


def test_no_password_and_no_word_stands_in_the_log(site, words):
    said = site.log.read_text()
    assert "password of" not in said
    assert not [word for word in words.values() if word in said]
    assert "Traceback" not in said
