"""The form that asks for the researcher's password."""

from __future__ import annotations

_FORM = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>Study page</title>
<style>
:root { color-scheme: light dark; --page: #f7f6f3; --surface: #fff; --ink: #26242e; --soft: #5f5b6b; --line: #c9c5bd;
  --accent: #4b45b8; --on: #fff; --danger: #a5301f; }
@media (prefers-color-scheme: dark) { :root { --page: #16151b; --surface: #1e1d25; --ink: #eeecf3; --soft: #b3aec0;
  --line: #4a4657; --accent: #9b94f5; --on: #15122e; --danger: #f39a8a; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--page); color: var(--ink);
  font: 16px/1.5 ui-sans-serif, system-ui, sans-serif; }
form { background: var(--surface); border-radius: 12px; padding: 28px; width: min(360px, calc(100vw - 32px));
  display: grid; gap: 12px; box-sizing: border-box; }
h1 { font-size: 20px; margin: 0; } p { margin: 0; color: var(--soft); } label { font-weight: 550; }
input, button { font: inherit; min-height: 44px; border-radius: 7px; padding: 0 12px; box-sizing: border-box; }
input { border: 1px solid var(--line); background: var(--page); color: var(--ink); width: 100%; }
button { border: 0; background: var(--accent); color: var(--on); font-weight: 600; cursor: pointer; }
#news { color: var(--danger); min-height: 1.5em; }
:focus-visible { outline: 3px solid #1d5fd0; outline-offset: 2px; }
</style>
<form id="form"><h1>Study page</h1><p>For the researcher of this study.</p>
<label for="password">Password</label>
<input id="password" type="password" autocomplete="current-password" required autofocus>
<button>Open</button><div id="news" role="alert"></div></form>
<script>
document.getElementById("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const news = document.getElementById("news");
  news.textContent = "";
  const password = document.getElementById("password").value;
  try {
    const answer = await fetch("ADDRESS", { method: "POST", headers: { "content-type": "application/json" },
      credentials: "same-origin", body: JSON.stringify({ password }) });
    if (answer.ok) location.reload();
    else news.textContent = (await answer.json()).error;
  } catch { news.textContent = "The server cannot be reached; try again."; }
});
</script></html>
"""


def form(address: str) -> bytes:
    """The page; ``address``: where the password goes, from the page's own place."""
    return _FORM.replace("ADDRESS", address).encode()
