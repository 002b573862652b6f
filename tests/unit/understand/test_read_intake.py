"""Pictures and PDF files come in: formats, orientation, bounds; pages are made level; bad files get one sentence."""

from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from workbench import resources
from workbench.cli import main
from workbench.errors import BadFile, BadRequest, Cancelled
from workbench.hub.tasks.read_score.conformance import page
from workbench.hub.tasks.read_score.request import ReadScoreRequest
from workbench.hub.tasks.table import task
from workbench.understand.score_image import read
from workbench.understand.score_image.level import leveled
from workbench.understand.score_image.pages import MAX_PIXELS, open_pages
from workbench.understand.score_image.read import page_images, read_score
from workbench.understand.score_image.reading import read_pages
from workbench.understand.score_image.readscore import ReadScore


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def music(systems: int = 4) -> Image.Image:
    return Image.fromarray(page(systems))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "PDF"])
def test_every_format_gives_the_same_page(kind):
    (grey,) = open_pages(encoded(music().convert("RGB"), kind))
    assert abs(grey.shape[1] / grey.shape[0] - music().width / music().height) < 0.01
    assert 0.02 < float((grey < 128).mean()) < 0.3


def test_a_photo_is_turned_as_its_camera_says():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    turned = music().rotate(90, expand=True)
    (grey,) = open_pages(encoded(turned, "JPEG", exif=exif))
    assert grey.shape == (music().height, music().width)


def test_pages_of_a_pdf_are_chosen():
    buffer = BytesIO()
    music().save(buffer, "PDF", save_all=True, append_images=[Image.new("L", (300, 300), 255)])
    assert len(open_pages(buffer.getvalue())) == 2
    assert open_pages(buffer.getvalue(), [2])[0].shape[0] == open_pages(buffer.getvalue(), [2])[0].shape[1]
    with pytest.raises(BadFile, match="no page 3"):
        open_pages(buffer.getvalue(), [3])


def bomb() -> bytes:
    """A small PNG that says that it has two thousand million pixels."""
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 50_000, 40_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def words() -> bytes:
    picture = Image.new("L", (900, 1200), 255)
    draw = ImageDraw.Draw(picture)
    for row in range(40):
        draw.text((60, 40 + 28 * row), "It was a dark and stormy night; the rain fell in torrents, " * 2, fill=0)
    return encoded(picture, "PNG")


def cat() -> bytes:
    """A photograph's worth of soft shapes."""
    noise = np.random.default_rng(3).random((30, 40))
    picture = Image.fromarray((noise * 255).astype(np.uint8)).resize((1200, 900), Image.Resampling.BICUBIC)
    return encoded(picture, "JPEG")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"This is no picture at all, only words." * 20, "not a picture"),
        (b"%PDF-1.7 and then nothing of the kind", "damaged"),
        (encoded(Image.new("L", (600, 800), 255), "PNG")[:200], "(damaged|not a picture)"),
        (bomb(), "pixels"),
        (encoded(Image.new("L", (10, 10), 255), "PNG"), "too small"),
    ],
    ids=["empty", "text", "broken pdf", "cut off", "bomb", "tiny"],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(data, said):
    with pytest.raises(BadFile, match=said) as caught:
        open_pages(data)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def locked() -> bytes:
    """A PDF of one empty page whose key nobody has."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "xref\n0 5\n0000000000 65535 f \n" + "".join(f"{place:010d} 00000 n \n" for place in places)
    ident = f"[<{'00' * 16}> <{'00' * 16}>]"
    end = f"trailer\n<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID {ident} >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + table.encode() + end.encode()


def test_a_pdf_with_a_password_is_named_as_such():
    with pytest.raises(BadFile, match="password"):
        open_pages(locked())


def test_what_is_no_score_is_said_to_be_none():
    for data, said in ((words(), "No staves|No notes"), (cat(), "No staves|No notes")):
        with pytest.raises(BadFile, match=said):
            leveled(open_pages(data)[0])
    with pytest.raises(BadFile, match="empty"):
        leveled(np.full((900, 700), 255, dtype=np.uint8))


def test_noise_and_a_film_are_no_music_though_something_in_them_looks_like_staves():
    noise = np.random.default_rng(0).integers(0, 256, (600, 800, 3), dtype=np.uint8)
    pictures = [Image.fromarray(noise)]
    with av.open(str(resources.path("assets/prompts/video.webm"))) as film:
        frames = film.decode(video=0)
        pictures += [frame.to_image() for number, frame in zip(range(421), frames, strict=False) if number == 420]
    for picture in pictures:
        with pytest.raises(BadFile, match=r"No staves|No notes"):
            read_pages(open_pages(encoded(picture, "PNG")))


def test_a_page_of_two_notes_is_music_too():
    with Image.open(resources.path("assets/prompts/picture.png")) as whole:
        found = read_pages([np.asarray(whole.convert("L").crop((0, 0, 385, 232)))])
    assert [pitch for event in events(found) for pitch in event.pitches] == [64, 64]


def events(found):
    return [event for page in found.pages for system in page.systems for staff in system.staves
            for event in staff.events if event.pitches]  # fmt: skip


def lines_of(level) -> list[int]:
    """Rows of the level page (8 pixels a space) on which staff lines lie."""
    rows = level.draw(8).mean(axis=1)
    return [int(y) for y in np.flatnonzero(rows > 0.5 * rows.max())]


def test_a_level_page_has_eight_pixels_a_space():
    level = leveled(page(4))
    assert abs(level.space - 16) < 0.4
    assert level.staves == 4
    rows = lines_of(level)
    steps = np.diff([y for before, y in zip([-9, *rows], rows, strict=False) if y - before > 2])
    assert int(np.median(steps)) == 8


def test_a_crooked_page_in_shadow_is_made_level():
    straight = music(4)
    crooked = straight.convert("L").rotate(3.1, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    shade = np.linspace(0.45, 1.0, crooked.width)[None, :] * np.linspace(1.0, 0.8, crooked.height)[:, None]
    level = leveled((np.asarray(crooked) * shade).astype(np.uint8))
    assert level.staves == 4
    assert abs(level.turned + 3.1) < 0.15
    rows = level.draw(8).mean(axis=1)
    assert float(rows.max()) > 0.6  # a staff line is one row


def test_a_bent_page_is_straightened():
    flat = np.asarray(music(4)).astype(np.float32)
    bent = np.full((flat.shape[0] + 80, flat.shape[1]), 255, dtype=np.uint8)
    for x in range(flat.shape[1]):
        down = round(40 + 14 * np.sin(np.pi * x / flat.shape[1]))
        bent[down : down + flat.shape[0], x] = flat[:, x]
    level = leveled(bent)
    assert level.rows is not None
    before = float((bent < 128).mean(axis=1).max())  # the rows of a bent page are all alike
    assert float(level.draw(8).mean(axis=1).max()) > 1.5 * before


def test_a_page_on_its_side_is_turned():
    level = leveled(np.ascontiguousarray(np.rot90(page(4))))
    assert level.staves == 4


def test_what_was_read_says_which_way_up_its_pages_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Image.open(resources.path("assets/prompts/picture.png"))
    over = encoded(picture.rotate(180), "PNG")
    found = read_score(over)
    assert [(page.number, page.turned) for page in found.pages] == [(1, True)]
    assert ReadScore.from_json(found.to_json()).pages == found.pages
    monkeypatch.setattr(read, "read_symbols", lambda *_: pytest.fail("the network need not look again"))
    (drawn,) = page_images(over, found=found)
    shown = np.asarray(Image.open(BytesIO(drawn)), float)
    assert shown.shape == (found.pages[0].height, found.pages[0].width)
    upright = np.asarray(picture.convert("L").resize(shown.shape[::-1]), float)
    right, wrong = (np.corrcoef(one.ravel(), upright.ravel())[0, 1] for one in (shown, shown[::-1, ::-1]))
    assert right > 0.5
    assert right > wrong + 0.2


def test_stop_is_heard():
    with pytest.raises(Cancelled):
        read_pages([page(1)], cancelled=lambda: True)


def test_the_task_checks_what_it_is_given():
    request = ReadScoreRequest((page(1),))
    assert (
        task("read_score").make_wire().read(request.settings(), {"pages": request.pages}).inputs() == request.inputs()
    )
    assert ReadScoreRequest((page(2),)).inputs() != request.inputs()
    for pages in ((), (np.zeros((3, 3, 3), dtype=np.uint8),), ("a path",)):
        with pytest.raises(BadRequest):
            ReadScoreRequest(pages)
    assert request.pages[0].size < MAX_PIXELS


def test_the_command_refuses_in_one_sentence_and_writes_nothing(tmp_path, capsys):
    (tmp_path / "cat.jpg").write_bytes(cat())
    out = tmp_path / "out.musicxml"
    assert main(["read-score", str(tmp_path / "cat.jpg"), "-o", str(out)]) == 1
    assert main(["read-score", str(tmp_path / "gone.png"), "-o", str(out)]) == 1
    assert main(["read-score", str(tmp_path / "cat.jpg")]) == 1
    assert main(["read-score", str(tmp_path / "cat.jpg"), "-o", str(out), "--pages", "4-2"]) == 1
    assert not out.exists()
    said = [line for line in capsys.readouterr().err.splitlines() if line]
    assert len(said) == 4
