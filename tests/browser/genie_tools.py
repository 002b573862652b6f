"""What the Genie's browser tests share: a page with pretended MIDI ports and gamepads, and shorthands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

#: Pretended hardware, and a list of every note that sounds.
STUBS = """
window.notes = [];
addEventListener("genie-note", (event) => window.notes.push(event.detail));
window.midi = { sent: [], input: { id: "in1", name: "Small keys", onmidimessage: null } };
window.midi.output = {
  id: "out1", name: "My synth", state: "connected", send: (data) => window.midi.sent.push([...data]),
};
window.midi.play = (...data) => window.midi.input.onmidimessage?.({ data: Uint8Array.from(data) });
navigator.requestMIDIAccess = async () => ({
  inputs: new Map([["in1", window.midi.input]]),
  outputs: new Map([["out1", window.midi.output]]),
});
window.gamepads = [];
navigator.getGamepads = () => window.gamepads;
"""


class GeniePage:
    """A page with the Genie on it."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def wait(self, *, piano: bool = False) -> GeniePage:
        """Until it can be played (``piano``: on the sampled piano)."""
        self.page.wait_for_selector("[data-piano=ready]" if piano else "[data-genie=ready]", state="attached")
        return self

    @property
    def notes(self) -> list[dict[str, Any]]:
        """Every note that sounded: pitch, velocity, place, button."""
        return self.page.evaluate("window.notes")  # type: ignore[no-any-return]

    @property
    def sent(self) -> list[list[int]]:
        """Every message that went to the MIDI port."""
        return self.page.evaluate("window.midi.sent")  # type: ignore[no-any-return]

    @property
    def takes(self) -> list[dict[str, Any]]:
        """The takes as the browser keeps them."""
        text = self.page.evaluate("localStorage.getItem('workbench-genie-takes:page')")
        return json.loads(text) if text else []

    def tap(self, keys: Sequence[str]) -> None:
        """Press computer keys one after the other."""
        for key in keys:
            self.page.keyboard.down(key)
            self.page.wait_for_timeout(20)
            self.page.keyboard.up(key)

    def down(self) -> list[int]:
        """Buttons that look pressed."""
        found = self.page.locator(".pad.down").evaluate_all("pads => pads.map(pad => +pad.dataset.button)")
        return list(found)

    def click(self, name: str) -> None:
        """Click a button by its exact name."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def settings(self) -> None:
        """Open the further settings."""
        self.click("More settings")

    def midi(self, *, out: bool = False) -> None:
        """Allow MIDI, and play the port instead of the piano."""
        self.settings()
        self.click("Use MIDI")
        self.page.get_by_label("The Genie plays").wait_for()
        if out:
            self.page.get_by_label("The Genie plays").select_option("out1")
            self.page.evaluate("window.midi.sent.length = 0")
