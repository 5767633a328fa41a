"""The page of sliders as a web page of this machine: ``gdplan explore``.

Voilà serves one notebook from a folder of its own that holds nothing else. It listens on
127.0.0.1 unless told otherwise, everything but the scripts and styles of the page needs the token,
no file is handed out, and the browser is told to load nothing from anywhere else.
"""

from __future__ import annotations

import contextlib
import importlib.util
import ipaddress
import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gdplan.files import places
from gdplan.observations.read import as_of as known_on
from gdplan.observations.read import read_observations
from gdplan.page.language import language
from gdplan.plans.choices import check_region
from gdplan.plans.load import load_plan
from gdplan.problems import Problem, ProblemError
from gdplan.reports.execute import KERNEL, environment, without
from gdplan.reports.request import checked_parameters, with_plan_defaults

LOOPBACK = "127.0.0.1"
PORT = 8866
IDLE = 3600
"""Seconds after which a kernel nobody uses is ended."""
SOCKET_PATH = 103
"""Bytes a path of a socket may have on every system."""
SOCKET_NAME = len("/voila_12345678/kernel-01234567-0123-0123-0123-0123456789ab-ipc-5")
PING = 30_000
CLOSED = (r"/login.*", r"/voila/templates/(?!gdplan/static/[\w.-]+$).*")
"""Paths that are refused before Voilà sees them: its login form, and files of other templates."""
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8")
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page is served and which token opens it."""

    ip: str = LOOPBACK
    port: int = PORT
    token: str = ""
    browser: bool = True


@dataclass(frozen=True, slots=True)
class PageSpec:
    """What the page opens with: parameters of the notebook, and the address."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    address: Address = field(default_factory=Address)


def serve(spec: PageSpec, say: Callable[[str], None]) -> None:
    """Serve the page until it is interrupted.

    Parameters
    ----------
    spec : PageSpec
    say : callable
        Is given the address with its token once the page can be opened.

    Raises
    ------
    ProblemError
        For faults of the parameters, the plan, the figures or the address, and when the extra
        ``explore`` is not installed; nothing is started then.
    """
    values = checked(spec)
    with tempfile.TemporaryDirectory(prefix="gdplan-explore-") as folder, _jupyter_path():
        notebook = prepared(values, Path(folder))
        with environment(KERNEL):
            app = _app(notebook, spec.address, lang=str(values.get("lang", "zh")))
            app.launch_browser = lambda: _ready(app, spec.address, say)
            app.start()


def checked(spec: PageSpec) -> dict[str, Any]:
    """The parameters of the notebook, with everything that is wrong found before it starts.

    Raises
    ------
    ProblemError
        See :func:`serve`.
    """
    problems = [*_missing(), *_address(spec.address)]
    try:
        notebook = places.page_notebook()
        values = checked_parameters(notebook, with_plan_defaults(notebook, spec.parameters))
        plan = load_plan(values["plan"])
        check_region(values["region"], plan)
        frame = read_observations(values["observations"] or None, plan)
        known_on(frame, values["as_of"] or "9999")
    except ProblemError as error:
        raise ProblemError([*problems, *error.problems]) from None
    if problems:
        raise ProblemError(problems)
    if values["observations"]:
        values["observations"] = str(places.located(values["observations"]).resolve())
    return values


def prepared(values: Mapping[str, Any], folder: Path) -> Path:
    """A copy of the notebook with these parameters and without the cells meant for its reader.

    Its name and title are what the browser shows.
    """
    book = json.loads(places.page_notebook().read_text("utf-8"))
    kept = [c for c in book["cells"] if "not-in-report" not in c["metadata"].get("tags", [])]
    for cell in kept:
        if "parameters" in cell["metadata"].get("tags", []):
            cell["source"] = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    title = language(str(values.get("lang", "zh")))("explore.title")
    book |= {"cells": kept, "metadata": book["metadata"] | {"title": title}}
    path = folder / "page.ipynb"
    path.write_text(json.dumps(book, ensure_ascii=False), "utf-8")
    return path


def _missing() -> list[Problem]:
    names = [n for n in ("ipywidgets", "voila") if importlib.util.find_spec(n) is None]
    return [
        Problem("no_voila", "", "没有安装网页所需的组件", expected="ipywidgets、voila",
                found=f"缺少{'、'.join(names)}", fix='运行 pip install "gdplan[explore]"')
    ] if names else []  # fmt: skip


def _address(address: Address) -> list[Problem]:
    problems = []
    try:
        local = ipaddress.ip_address(address.ip).is_loopback
    except ValueError:
        local = address.ip == "localhost"
        if not local:
            problems.append(
                Problem("bad_ip", "--ip", "不是IP地址", expected=LOOPBACK, found=address.ip)
            )
    if not 0 < address.port < 65536:
        problems.append(Problem("bad_port", "--port", "端口超出范围", "1—65535", str(address.port)))
    if len(address.token) < 16:
        problems.append(
            Problem("bad_token", "--token", "口令过短", expected="至少16个字符",
                    found=f"{len(address.token)}个字符", fix="不给 --token 时自动生成")
        )  # fmt: skip
    return problems


@contextlib.contextmanager
def _jupyter_path() -> Iterator[None]:
    """Where Voilà finds the template of this page."""
    own, before = (
        str(places.PACKAGE / "scenarios" / "templates" / "jupyter"),
        os.environ.get("JUPYTER_PATH"),
    )
    os.environ["JUPYTER_PATH"] = os.pathsep.join(p for p in (own, before) if p)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("JUPYTER_PATH", None)
        else:
            os.environ["JUPYTER_PATH"] = before


def _app(notebook: Path, address: Address, *, lang: str) -> Any:
    """The server, configured; nothing listens yet."""
    from traitlets.config import Config

    with without("rfc3987_syntax"):
        from voila.app import Voila

    # No settings of other notebooks on this machine: they could open what is closed here.
    app = Voila(config=Config(_settings(address, lang)), config_file_paths=[])
    app.initialize([str(notebook)])
    for name in ("tornado.general", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    app.tornado_settings = {
        "allow_remote_access": address.ip != LOOPBACK,
        "headers": {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"},
        # Addresses carry the token: they are not logged.
        "log_function": lambda handler: None,
        "ws_ping_timeout": PING,
        "ws_ping_interval": PING,
    }
    handlers, refusing = app.init_handlers, _refusing()
    app.init_handlers = lambda: [*((path, refusing) for path in CLOSED), *handlers()]
    return app


def _settings(address: Address, lang: str) -> dict[str, dict[str, Any]]:
    kernels = {"cull_idle_timeout": IDLE, "cull_interval": 300, "cull_connected": True}
    return {
        "Voila": {"ip": address.ip, "port": address.port, "token": address.token,
                  "open_browser": True, "log_level": "ERROR"},
        "VoilaConfiguration": {
            "template": "gdplan", "strip_sources": True, "show_tracebacks": False,
            "allow_template_override": "NO", "allow_theme_override": "NO",
            "file_allowlist": ["(?!)"], "extension_allowlist": list(EXTENSIONS),
        },
        "HTMLExporter": {"language_code": lang},
        "MappingKernelManager": kernels,
        "KernelManager": {"transport": _transport(tempfile.gettempdir())},
    }  # fmt: skip


def _transport(folder: str) -> str:
    """Sockets in the file system, where nothing can be overheard, when their names fit."""
    fits = len(os.fsencode(folder)) + SOCKET_NAME <= SOCKET_PATH
    return "ipc" if os.name == "posix" and fits else "tcp"


def _refusing() -> type:
    """What answers in place of a login form: no."""
    from tornado.web import RequestHandler

    class Refusing(RequestHandler):
        """Requests that end here are answered alike, whatever they ask for."""

        def prepare(self) -> None:
            """Answer before any method does."""
            self.set_status(403)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish("不能打开。请用 gdplan explore 显示的完整地址。\n")

    return Refusing


def _ready(app: Any, address: Address, say: Callable[[str], None]) -> None:
    import webbrowser

    url = f"http://{address.ip}:{app.port}/?token={address.token}"
    say(url)
    if address.browser:
        webbrowser.open(url)
