"""``gdplan explore``: refused before it starts, served to who has the token, closed to the rest."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from browser import ARGUMENTS, CHROMIUM, needs_browser

from gdplan.files import places
from gdplan.problems import ProblemError
from gdplan.scenarios import explore_server

TOKEN = "a-token-of-our-own-1234"
needs_voila = pytest.mark.skipif(
    importlib.util.find_spec("voila") is None, reason="the extra explore is not installed"
)
pytestmark = needs_voila


def checked(address: explore_server.Address | None = None, **parameters):
    given = explore_server.PageSpec(parameters, address or explore_server.Address(token=TOKEN))
    return explore_server.checked(given)


def found(**options) -> list[str]:
    with pytest.raises(ProblemError) as caught:
        checked(**options)
    return [p.key for p in caught.value.problems]


# Before anything starts


def test_parameters_are_those_of_the_notebook_with_paths_made_absolute():
    values = checked(year=2022, observations="examples/observations")
    assert values["year"] == 2022 and values["plan"] == "gd-hrss-14"
    assert Path(values["observations"]).is_absolute()


def test_every_fault_is_listed_at_once():
    address = explore_server.Address(ip="everywhere", port=70000, token="short")
    assert found(address=address, pln="x") == [
        "bad_ip",
        "bad_port",
        "bad_token",
        "unknown_parameter",
    ]


@pytest.mark.parametrize(
    ("parameters", "key"),
    [({"plan": "gd-hrss-99"}, "unknown_plan"), ({"region": "999999"}, "unknown_region"),
     ({"observations": "nowhere"}, "missing_file"), ({"as_of": "soon"}, "no_such_date"),
     ({"year": "2023"}, "wrong_type"), ({"lang": "fr"}, "unknown_language")],
)  # fmt: skip
def test_faults_of_the_input_stop_it_before_a_server_starts(parameters, key):
    assert found(**parameters) == [key]


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1", "localhost", "0.0.0.0"])
def test_an_address_is_an_ip_or_localhost(ip):
    assert explore_server.checked(
        explore_server.PageSpec({}, explore_server.Address(ip=ip, token=TOKEN))
    )


def test_without_the_extra_the_command_to_install_it_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ProblemError, match=r"gdplan\[explore\]"):
        checked()


def test_the_served_notebook_holds_the_parameters_and_no_note_to_its_reader(tmp_path):
    path = explore_server.prepared(checked(region="440100", lang="en"), tmp_path)
    book = json.loads(path.read_text("utf-8"))
    assert [c["cell_type"] for c in book["cells"]] == ["code", "code"]
    assert "region = '440100'" in book["cells"][0]["source"].splitlines()
    assert book["metadata"]["title"] == "What if"
    assert list(tmp_path.iterdir()) == [path]


def test_an_own_home_may_do_without_the_notebook(tmp_path, monkeypatch):
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("GDPLAN_HOME", str(tmp_path))
    assert places.page_notebook().is_file()
    own = tmp_path / "notebooks" / "scenarios.ipynb"
    own.write_text("{}", "utf-8")
    assert places.page_notebook() == own


def test_sockets_stand_in_the_file_system_only_where_their_names_fit():
    assert explore_server._transport("/tmp") == ("ipc" if os.name == "posix" else "tcp")
    assert explore_server._transport("/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T") == "tcp"


def test_faults_are_numbered_on_the_command_line(command):
    run = command("explore", "--token", "short", "--port", "0", "--no-browser")
    assert run.returncode == 1 and run.stdout == ""
    assert "1. --port" in run.stderr and "2. --token" in run.stderr


# The running server


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address a running page prints."""
    place = tmp_path_factory.mktemp("explore")
    # Settings of other notebooks on the machine, made to open what is to be closed.
    (place / "voila.json").write_text(
        json.dumps({"Voila": {"ip": "0.0.0.0", "token": ""},
                    "VoilaConfiguration": {"file_allowlist": [".*"], "strip_sources": False}}),
        "utf-8",
    )  # fmt: skip
    words = ["explore", "--no-browser", "--port", str(free_port())]
    process = subprocess.Popen(
        [sys.executable, "-m", "gdplan", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=place,
        env=os.environ | {"TMPDIR": str(place)},
    )  # fmt: skip
    url = process.stdout.readline().strip()
    assert url, process.stderr.read()
    yield url
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert "Traceback" not in said and urllib.parse.urlsplit(url).query not in said
    assert not list(place.glob("gdplan-explore-*")) and not list(place.glob("voila_*"))


def status(url: str, path: str = "/", *, token: str = "", method: str = "GET") -> int:
    """Status of a request sent exactly as written, redirects followed."""
    place = urllib.parse.urlsplit(url).netloc
    connection = http.client.HTTPConnection(place)
    connection.request(method, path, headers={"Authorization": f"token {token}"} if token else {})
    answer = connection.getresponse()
    answer.read()
    if answer.status in (301, 302):
        return status(url, answer.headers["Location"], token=token)
    return answer.status


def token_of(url: str) -> str:
    return urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["token"][0]


def test_the_address_is_of_this_machine_only_and_carries_a_long_token(served):
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}", served)


def test_the_page_opens_with_the_token_and_shows_no_code(served):
    with urllib.request.urlopen(served) as answer:
        html = answer.read().decode()
        headers = answer.headers
    assert '<html lang="zh">' in html and "<h1>情景推演</h1>" in html
    assert "import" not in html and "explorer.page" not in html and "papermill" not in html
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert not re.findall(r"https?://(?!127\.0\.0\.1|www\.w3\.org)[^\s\"'<]+", html)


def test_a_request_without_the_token_is_refused_also_after_one_with_it(served):
    assert status(served, token=token_of(served)) == 200
    assert status(served) == 403
    assert status(served, token="x" * 32) == 403
    for method, path in (("GET", "/login"), ("POST", "/login"), ("POST", "/api/kernels")):
        assert status(served, path, method=method) in (403, 405)


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "/voila/files/page.ipynb", "/voila/files/voila.json",
     "/voila/files/../../etc/passwd", "/voila/files/%2e%2e/%2e%2e/etc/passwd",
     "/voila/static/../app.py", "/voila/templates/gdplan/static/../../lab/index.html.j2",
     "/voila/templates/lab/static/voila.js", "/voila/templates/x", "/api/contents", "/lab",
     "/voila/render/other.ipynb", "/login"],
)  # fmt: skip
def test_a_path_outside_the_page_is_refused_with_or_without_the_token(served, path):
    assert status(served, path) in (403, 404)
    assert status(served, path, token=token_of(served)) in (403, 404)


def test_a_request_under_another_name_is_refused(served):
    place = urllib.parse.urlsplit(served).netloc
    connection = http.client.HTTPConnection(place)
    bearer = f"token {token_of(served)}"
    connection.request("GET", "/", headers={"Host": "evil.example", "Authorization": bearer})
    assert connection.getresponse().status == 403


def message(kind: str, content: dict) -> str:
    """A message of the kernel's protocol, as a page could send it."""
    header = {"msg_id": kind, "msg_type": kind, "username": "", "session": "s", "version": "5.3",
              "date": "2026-01-01T00:00:00Z"}  # fmt: skip
    return json.dumps({"channel": "shell", "header": header, "parent_header": {}, "metadata": {},
                       "content": content, "buffers": []})  # fmt: skip


def answers_to(url: str, messages: list[str]) -> list[str]:
    """Types of what a kernel of the page replies to messages, up to the reply to the last."""
    from tornado.ioloop import IOLoop
    from tornado.websocket import websocket_connect

    with urllib.request.urlopen(url) as page:
        kernel = re.search(r'"kernelId": "([\w-]+)"', page.read().decode())[1]
    place, query = urllib.parse.urlsplit(url).netloc, urllib.parse.urlsplit(url).query

    async def talk() -> list[str]:
        socket = await websocket_connect(f"ws://{place}/api/kernels/{kernel}/channels?{query}")
        for each in messages:
            await socket.write_message(each)
        replies = []
        while "kernel_info_reply" not in replies:
            replies.append(json.loads(await socket.read_message())["msg_type"])
        socket.close()
        return replies

    return IOLoop().run_sync(talk)


@pytest.mark.slow
def test_a_browser_cannot_make_the_kernel_run_code(served, tmp_path):
    mark = tmp_path / "run"
    code = {"code": f"open({str(mark)!r}, 'w').close()", "silent": False, "store_history": False,
            "user_expressions": {}, "allow_stdin": False}  # fmt: skip
    replies = answers_to(
        served, [message("execute_request", code), message("kernel_info_request", {})]
    )
    assert "execute_reply" not in replies and not mark.exists()


@pytest.fixture(scope="module")
def opened(served):
    """The page in a browser with everything it said and asked for."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = chromium.new_page(viewport={"width": 1280, "height": 1050})
        said, asked = [], []
        page.on("console", lambda m: said.append((m.type, m.text)))
        page.on("pageerror", lambda error: said.append(("error", str(error))))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(served)
        page.wait_for_selector(".gd-value", timeout=120_000)
        page.wait_for_selector(".noUi-handle[aria-label]", timeout=120_000)
        page.said, page.asked = said, asked
        yield page
        chromium.close()


def seen(page) -> tuple[str, str, str]:
    return (page.inner_text(".gd-headline"), page.get_attribute("figure img", "src"),
            page.inner_text("table >> nth=1"))  # fmt: skip


def changed(page, before: tuple[str, str, str]) -> tuple[str, str, str]:
    """What is seen once number, chart and table have all changed."""
    page.wait_for_function(
        """([text, image, table]) => document.querySelector('.gd-headline').innerText !== text
           && document.querySelector('figure img').getAttribute('src') !== image
           && document.querySelectorAll('table')[1].innerText !== table""",
        arg=list(before),
    )
    return seen(page)


@needs_browser
def test_the_keyboard_moves_a_slider_and_number_chart_and_table_follow(opened):
    before = seen(opened)
    opened.focus(".noUi-handle >> nth=0")
    opened.keyboard.press("ArrowLeft")
    slower = changed(opened, before)
    value = re.compile(r"2025年预计([\d.]+)万人")
    assert float(value.search(slower[0])[1]) < float(value.search(before[0])[1])
    opened.focus(".noUi-handle >> nth=1")
    opened.keyboard.press("PageDown")
    assert float(value.search(changed(opened, slower)[0])[1]) < float(value.search(slower[0])[1])


@needs_browser
def test_the_mouse_drags_a_slider(opened):
    before = seen(opened)
    handle = opened.locator(".noUi-handle").first.bounding_box()
    opened.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    opened.mouse.down()
    opened.mouse.move(handle["x"] - 40, handle["y"] + 5, steps=4)
    opened.mouse.up()
    changed(opened, before)


@needs_browser
def test_every_control_is_reached_by_the_tab_key(opened):
    opened.focus("select >> nth=0")
    reached = [opened.evaluate("document.activeElement.className")]
    for _ in range(12):
        opened.keyboard.press("Tab")
        reached.append(opened.evaluate("document.activeElement.className"))
    kinds = " ".join(reached)
    assert kinds.count("noUi-handle-lower") == 2 and kinds.count("button") >= 3
    assert len([k for k in reached if not k]) >= 6


@needs_browser
def test_the_browser_finds_no_error_no_fault_of_access_and_asks_nobody_else(served, opened):
    from axe_playwright_python.sync_playwright import Axe

    assert [text for kind, text in opened.said if kind == "error"] == []
    hosts = {urllib.parse.urlsplit(u).netloc for u in opened.asked if u.startswith("http")}
    assert hosts == {urllib.parse.urlsplit(served).netloc}
    faults = Axe().run(opened).response["violations"]
    assert [(v["id"], v["impact"]) for v in faults] == []


@needs_browser
def test_on_a_phone_nothing_scrolls_sideways(opened):
    opened.set_viewport_size({"width": 390, "height": 844})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    opened.set_viewport_size({"width": 1280, "height": 1050})
