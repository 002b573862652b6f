"""The two pages of a class that are not the app: where a pupil types the code, and what the teacher shows."""

from __future__ import annotations

from html import escape

STYLE = """
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 20px; background: #f7f6f3;
  color: #26242e; font: 18px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
main { width: 100%; max-width: 760px; background: #fff; border: 1px solid #e3e0da; border-radius: 14px;
  padding: 32px; }
h1 { margin: 0 0 8px; font-size: 28px; line-height: 1.2; }
p { margin: 10px 0; }
input { width: 100%; font: inherit; font-size: 32px; letter-spacing: .3em; text-align: center; padding: 10px;
  text-transform: uppercase; border: 2px solid #787484; border-radius: 10px; background: inherit; color: inherit; }
button, .button { display: block; width: 100%; min-height: 52px; margin-top: 16px; border: 0; border-radius: 10px;
  background: #4b45b8; color: #fff; font: inherit; font-weight: 600; text-align: center; line-height: 52px;
  text-decoration: none; }
.wrong { color: #a3262a; font-weight: 600; }
.board { display: grid; grid-template-columns: minmax(200px, 320px) 1fr; gap: 32px; align-items: center; }
.board svg { width: 100%; height: auto; background: #fff; border-radius: 10px; }
.code { font: 700 56px/1.1 ui-monospace, "SF Mono", Menlo, Consolas, monospace; letter-spacing: .12em; }
.address { font: 600 22px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.count { font-size: 40px; font-weight: 700; }
.small { color: #5f5b6b; font-size: 15px; }
details { margin-top: 18px; font-size: 16px; }
summary { min-height: 44px; line-height: 44px; cursor: pointer; }
:focus-visible { outline: 3px solid #4b45b8; outline-offset: 2px; }
@media (max-width: 600px) { main { padding: 20px; } .board { grid-template-columns: 1fr; } .code { font-size: 44px; } }
@media (prefers-color-scheme: dark) {
  body { background: #16151b; color: #eeecf3; } main { background: #1e1d25; border-color: #322f3c; }
  button, .button { background: #9b94f5; color: #15122e; } .small { color: #b3aec0; } .wrong { color: #ff9d9d; }
  :focus-visible { outline-color: #9b94f5; }
}
"""
#: Asks every three seconds how many are here.
COUNT = """
const count = document.getElementById("count"), word = document.getElementById("word");
setInterval(() => fetch("/class/count").then((reply) => reply.json()).then(({ here }) => {
  count.textContent = here; word.textContent = here === 1 ? "person is here" : "people are here";
}).catch(() => { word.textContent = "the workbench does not answer; is it still running?"; }), 3000);
"""
#: What to try where no device gets here.
TROUBLE = (
    "Every device must be in the same network (Wi-Fi) as this computer; networks for guests often keep devices apart.",
    "Windows asks once whether Python may be reached: allow private networks. If it did not ask, open 'Allow an app "
    "through Windows Firewall' and tick Python; where that needs an administrator, ask yours.",
    "On a Mac: System Settings, Network, Firewall, and allow incoming connections for Python.",
    "No Wi-Fi in the room? Share this computer's or a telephone's own hotspot; it needs no Internet.",
)
NO_NETWORK = (
    "This computer is in no network, so only its own browser can open the workbench: join the room's Wi-Fi or start a "
    "hotspot, then start the class again."
)
WARNING = (
    "Each device warns once that nobody vouches for this connection, because this computer made its certificate "
    "itself: choose 'Advanced' and 'Continue' (on an iPhone: 'Show Details', 'visit this website')."
)
PLAIN = (
    "This class runs without HTTPS: devices show everything, but browsers give them no microphone, and sound is made "
    "on this computer."
)


def _page(title: str, body: str, script: str = "") -> str:
    ending = f"<script>{script}</script>" if script else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{escape(title)}</title><style>{STYLE}</style></head>'
        f"<body><main>{body}</main>{ending}</body></html>"
    )


def door_page(problem: str = "") -> str:
    """Where a pupil types the code. ``problem``: a sentence about the last try."""
    wrong = f'<p class="wrong" role="alert">{escape(problem)}</p>' if problem else ""
    return _page(
        "Music Workbench",
        "<h1>Come in</h1><p>Type the code that your teacher shows.</p>"
        f'{wrong}<form action="/class" method="get"><label for="code" class="small">Class code</label>'
        '<input id="code" name="code" maxlength="12" autocomplete="off" autocapitalize="characters" spellcheck="false" '
        "required autofocus><button>Open the workbench</button></form>",
    )


def teacher_page(address: str, code: str, picture: str, here: int, *, secure: bool, mark: str = "") -> str:
    """What the teacher shows.

    Args:
        address: by which pupils reach the app; empty without a network.
        code: of the class.
        picture: the address with the code as a QR code in SVG; empty without a network.
        here: how many are here.
        secure: whether it is HTTPS.
        mark: the certificate's fingerprint.
    """
    way = (
        f'<p class="address">{escape(address)}</p><p class="small">Point a camera at the square, or type the address '
        "and then the code.</p>"
        if address
        else f'<p class="wrong" role="alert">{escape(NO_NETWORK)}</p>'
    )
    word = "person is here" if here == 1 else "people are here"
    hints = "".join(f"<li>{escape(line)}</li>" for line in TROUBLE)
    seal = f'<p class="small">The certificate of this room: <code>{escape(mark)}</code></p>' if mark else ""
    return _page(
        "Class: Music Workbench",
        f'<h1>Your class</h1><div class="board"><div>{picture}</div><div>{way}'
        f'<p class="small">Class code</p><p class="code">{escape(code)}</p>'
        f'<p aria-live="polite"><span class="count" id="count">{here}</span> <span id="word">{word}</span></p>'
        "</div></div>"
        f'<p class="small">{escape(WARNING if secure else PLAIN)}</p>'
        '<a class="button" href="/">Open the workbench here</a>'
        f"<details><summary>Nothing opens on the other devices?</summary><ul>{hints}</ul>{seal}</details>",
        COUNT,
    )


def qr_svg(text: str) -> str:
    """A QR code as an SVG element with its own white border; raises :class:`ImportError` without ``segno``."""
    import segno

    made = segno.make(text, error="m", micro=False)
    return str(
        made.svg_inline(omitsize=True, border=3, light="#fff", svgclass=None, lineclass=None, title="Address and code")
    )


def qr_terminal(text: str) -> str:
    """A QR code of half blocks for a terminal."""
    import io

    import segno

    out = io.StringIO()
    segno.make(text, error="l", micro=False).terminal(out, border=2, compact=True)
    return out.getvalue()
