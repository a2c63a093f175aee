"""Uploaded files, honest and hostile: what comes back is plain pixels or a clear refusal, and the memory is bounded."""

import io
import queue
import random
import struct
import subprocess
import threading
import zipfile
import zlib
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from db import redraw as module
from db.redraw import redraw
from db.redraw_alone import LONGEST, MEMORY, MOST_BYTES
from db.refusals import Refusal, Unavailable

PATIENCE = 60
PAYLOAD = b"<html><script>alert(1)</script></html>"


def encoded(image, kind="JPEG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo(width=120, height=80):
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, *more):
    """A PNG that says it is this large, and has some rows of it."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", zlib.compress(bytes(5_000_000))) + chunk(b"IEND", b"")


def pdf(*objects):
    """A PDF of these objects, the first one its catalogue; readers mend the missing table."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, each) for n, each in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer << /Root 1 0 R >>\n%%EOF"


def page(extra=b"", content=b"1 0 0 rg 0 0 200 300 re f"):
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 4 0 R %s >>" % extra,
        b"<< /Length %d >> stream\n%s\nendstream" % (len(content), content),
    )


def with_catalogue(action, extra=b""):
    return pdf(b"<< /Type /Catalog /Pages 2 0 R %s >>" % action, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", *page(extra))


def opened(drawn):
    image = Image.open(io.BytesIO(drawn), formats=("JPEG",))
    assert (image.mode, image.info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}) == ("RGB", set())
    assert not image.getexif()
    image.load()
    return image


def code_of(content):
    with pytest.raises(Refusal) as refused:
        redraw(content)
    return refused.value.code


def near(pixel, colour):
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF", "PDF"])
def test_each_kind_that_is_taken_becomes_a_plain_jpeg(kind):
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    image = opened(redraw(encoded(photo(), kind)))
    assert image.width / image.height == pytest.approx(1.5, abs=0.01)
    assert near(image.getpixel((image.width // 4, image.height // 2)), RED)
    assert near(image.getpixel((image.width * 3 // 4, image.height // 2)), BLUE)


def test_without_the_decoder_of_heic_it_is_refused_by_name_and_the_rest_is_taken(monkeypatch):
    pillow_heif.register_heif_opener()
    alone = Path(module.__file__).with_name("redraw_alone.py")
    without = f"import runpy, sys; sys.modules['pillow_heif'] = None; runpy.run_path({str(alone)!r}, run_name='__main__')"
    python, *flags = module._command()[:4]
    command = [python, *flags, "-c", without, *module._command()[5:]]
    monkeypatch.setattr(module, "_command", lambda: command)
    assert code_of(encoded(photo(), "HEIF")) == "picture-heic"
    opened(redraw(encoded(photo(), "PNG")))


def test_it_stands_upright_and_says_nothing_of_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # held to the right
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8825)[1] = "N"
    image = opened(redraw(encoded(photo(), exif=exif, comment=b"secret place", icc_profile=bytes(500))))
    assert image.size == (80, 120)
    assert near(image.getpixel((40, 20)), RED)
    assert near(image.getpixel((40, 100)), BLUE)


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (photo(5000, 3000), {}),
        (photo(5000, 3000), {"progressive": True}),
        (Image.new("L", (8160, 6120), 255), {}),  # 50 million pixels: a phone's largest setting
        (Image.new("L", (60000, 10), 255), {}),
    ],
)
def test_a_large_one_is_made_small(image, options):
    drawn = opened(redraw(encoded(image, **options)))
    assert max(drawn.size) == LONGEST
    assert abs(drawn.width / drawn.height - image.width / image.height) < 1 or min(drawn.size) == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (encoded(Image.new("CMYK", (40, 40), (0, 255, 255, 0))), RED),
        (encoded(Image.new("I;16", (40, 40), 0xFFFF), "PNG"), WHITE),
        (encoded(Image.new("I;16", (40, 40), 0x8000), "PNG"), (128, 128, 128)),
        (encoded(Image.new("1", (40, 40), 1), "PNG"), WHITE),
        (encoded(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG"), WHITE),
        (encoded(photo().convert("P").crop((0, 0, 40, 40)), "PNG"), RED),
        (encoded(photo(40, 40), "PNG", save_all=True, append_images=[Image.new("RGB", (40, 40), "green")]), RED),
        (encoded(photo(40, 40), "MPO", save_all=True, append_images=[Image.new("RGB", (40, 40), "green")]), RED),
    ],
    ids=["cmyk", "white 16 bits", "grey 16 bits", "one bit", "transparent", "palette", "animated", "two in one"],
)
def test_unusual_pictures_keep_their_colours(content, expected):
    assert near(opened(redraw(content)).getpixel((10, 10)), expected)


def test_pages_stand_below_each_other_and_a_fifth_is_too_many():
    pages = [Image.new("RGB", (200, 300), colour) for colour in ("red", "blue", "red", "blue", "red")]
    two = opened(redraw(encoded(pages[0], "PDF", save_all=True, append_images=pages[1:2])))
    assert two.size == (1600, 4800)
    assert near(two.getpixel((800, 1200)), RED)
    assert near(two.getpixel((800, 3600)), BLUE)
    assert code_of(encoded(pages[0], "PDF", save_all=True, append_images=pages[1:])) == "picture-too-many-pages"


@pytest.mark.parametrize("hidden", [PAYLOAD, b"%PDF-1.4 /OpenAction", b"MZ" + bytes(300), b"zip"])
def test_of_a_polyglot_only_the_pixels_come_through(hidden):
    if hidden == b"zip":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("../../evil.sh", PAYLOAD)
        hidden = out.getvalue()
    plain = redraw(encoded(photo()))
    assert redraw(encoded(photo()) + hidden) == plain
    assert redraw(encoded(photo(), comment=hidden)) == plain
    assert hidden[:8] not in redraw(encoded(photo(), "PNG") + hidden)


MARK = "/tmp/clearance-test-ran"


@pytest.mark.parametrize(
    "action",
    [
        b"/OpenAction << /S /JavaScript /JS (app.launchURL('http://127.0.0.1:9/')) >>",
        b"/OpenAction << /S /Launch /F (/bin/touch) /Win << /F (/bin/touch) /P (" + MARK.encode() + b") >> >>",
        b"/OpenAction << /S /URI /URI (http://127.0.0.1:9/) >> /AA << /WC << /S /JavaScript /JS (while(1){}) >> >>",
        b"/Names << /EmbeddedFiles << /Names [(a) << /F (../../x) >>] >> >>",
    ],
)
def test_nothing_in_a_pdf_runs(action):
    drawn = redraw(with_catalogue(action))
    assert near(opened(drawn).getpixel((800, 1200)), RED)
    assert not Path(MARK).exists()
    assert action[:20] not in drawn


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bytes(MOST_BYTES + 1), "picture-too-large"),
        (b"", "picture-unknown-kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "picture-unknown-kind"),
        (PAYLOAD, "picture-unknown-kind"),
        (b"GIF89a" + PAYLOAD, "picture-unknown-kind"),
        (encoded(photo(), "GIF"), "picture-unknown-kind"),
        (encoded(photo(), "TIFF"), "picture-unknown-kind"),
        (b"\xff\xd8\xff" + PAYLOAD, "picture-damaged"),
        (b"%PDF-1.7\n" + PAYLOAD, "picture-damaged"),
        (b"\0\0\0\x18ftypheic" + PAYLOAD, "picture-damaged"),
        (encoded(photo())[:400], "picture-damaged"),
        (encoded(Image.effect_noise((300, 300), 90), "PNG")[:-9000], "picture-damaged"),
        (png(100, 100, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000)))), "picture-damaged"),
        (png(10_000, 10_000), "picture-too-many-pixels"),
        (png(2**31 - 1, 2**31 - 1), "picture-too-many-pixels"),
        (png(7_000, 7_000), "picture-too-many-pixels"),
        (encoded(Image.new("L", (10_000, 10_000))), "picture-too-many-pixels"),
        (pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"), "picture-damaged"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(content, code):
    assert code_of(content) == code


def test_a_pdf_with_a_password_is_refused():
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    drawing = Canvas(out, encrypt=StandardEncryption("secret"))
    drawing.drawString(100, 100, "x")
    drawing.save()
    assert code_of(out.getvalue()) == "picture-encrypted"


def bomb_in_a_pdf():
    """A page whose picture unpacks to 432 MB."""
    data = zlib.compress(bytes(432_000_000), 1)
    picture = b"<< /Subtype /Image /Width 12000 /Height 12000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode "
    picture += b"/Length %d >> stream\n%s\nendstream" % (len(data), data)
    resources = b"/Resources << /XObject << /P 5 0 R >> >>"
    first = (b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
    return pdf(*first, *page(resources, b"200 0 0 300 0 0 cm /P Do"), picture)


def noise():
    small = Image.frombytes("RGB", (255, 190), random.Random(1).randbytes(255 * 190 * 3))
    return encoded(small.resize((8160, 6080)), quality=60)


@pytest.mark.parametrize("make", [bomb_in_a_pdf, noise, lambda: png(5_000, 5_000)], ids=["pdf", "jpeg", "png"])
def test_the_process_never_holds_more_than_200_mb(make):
    """The peak of its address space bounds what is resident; at its end it says itself what that was. Linux only."""
    attempt = """
import resource, sys
told = open("/proc/self/status")
sys.path[:0] = sys.argv[1:]
import redraw_alone as it
it.main()
(peak,) = (line.split()[1] for line in told if line.startswith("VmPeak:"))
print(peak, *resource.getrlimit(resource.RLIMIT_AS), file=sys.stderr)
"""
    done = subprocess.run(instead(attempt), input=make(), capture_output=True, env={"MALLOC_ARENA_MAX": "1"}, check=True)
    peak, *limits = map(int, done.stderr.split())
    assert 30 * 2**20 < peak * 1024 <= MEMORY == 200 * 2**20
    assert limits == [MEMORY, MEMORY]


def instead(attempt):
    """The process that draws a file anew, with this program instead of its own."""
    command = module._command()
    return [*command[:4], "-c", attempt, str(Path(module.__file__).parent), *command[5:]]


def test_one_that_takes_too_long_is_ended_and_refused(monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.01)
    assert code_of(noise()) == "picture-too-heavy"


def test_what_a_broken_process_says_is_not_believed(monkeypatch):
    for command in (["sh", "-c", "echo '<script>'"], ["sh", "-c", "printf admin; exit 1"], ["sh", "-c", "kill -9 $$"]):
        monkeypatch.setattr(module, "_command", lambda command=command: command)
        assert code_of(encoded(photo())) in ("picture-too-heavy", "picture-damaged")


def test_the_process_gets_nothing_of_the_portal(monkeypatch):
    monkeypatch.setenv("CLEARANCE_SECRET", "secret")
    told = "printf '\\377\\330\\377'; env; pwd; ls /proc/$$/fd | wc -l; cat >/dev/null"
    monkeypatch.setattr(module, "_command", lambda: ["/bin/sh", "-c", told])
    said = redraw(b"x")
    assert b"secret" not in said
    assert b"PATH=/" not in said.replace(b"PATH=/usr", b"")
    assert b"\n/\n" in said


def test_many_at_once_wait_in_a_short_queue_and_the_rest_are_told(monkeypatch):
    running, most, told = [], [], queue.Queue()
    come, go = threading.Lock(), threading.Event()

    def work(_content):
        with come:
            running.append(1)
            most.append(len(running))
        go.wait()
        with come:
            running.pop()
        return 0, b"\xff\xd8\xff"

    def upload():
        try:
            told.put(redraw(b"x"))
        except Unavailable as busy:
            told.put((busy.code, busy.params["retry_after"]))

    monkeypatch.setattr(module, "_run", work)
    monkeypatch.setattr(module._places, "_seconds", PATIENCE)
    threads = [threading.Thread(target=upload) for _ in range(6)]
    for thread in threads:
        thread.start()
    try:
        assert [told.get(timeout=PATIENCE) for _ in range(2)] == [("pictures-busy", 10)] * 2
    finally:
        go.set()
        for thread in threads:
            thread.join()
    assert [told.get_nowait() for _ in range(4)] == [b"\xff\xd8\xff"] * 4
    assert max(most) == 2


def test_the_decoder_can_open_nothing_once_it_reads_the_file():
    """Run as the portal runs it, with a picture's decoder that tries."""
    attempt = """
import sys
sys.path[:0] = sys.argv[2:]
sys.path.insert(0, sys.argv[1])
import redraw_alone as it
from PIL import Image
import socket
Image.open = lambda *a, **k: (_ for _ in ()).throw(it.Refused(" ".join(name for name, act in tries.items() if able(act))))
def able(act):
    try:
        act()
    except OSError:
        return False
    return True
tries = {"read": lambda: open("/etc/passwd"), "write": lambda: open("/tmp/clearance-test-x", "w"), "connect": socket.socket}
sys.argv[1:] = sys.argv[2:]
sys.exit(it.main())
"""
    python, *_flags = module._command()
    folders = module._command()[5:]
    command = [python, "-I", "-S", "-B", "-c", attempt, str(Path(module.__file__).parent), *folders]
    done = subprocess.run(command, input=encoded(photo()), capture_output=True, env={}, check=False)
    assert (done.returncode, done.stdout) == (1, b""), done.stderr


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF", "PDF"])
def test_it_works_for_a_user_without_privileges(kind):
    """Some limits do not bind root. All is loaded before root is given up, as this Python may lie in root's home."""
    pillow_heif.register_heif_opener()
    attempt = """
import os, sys
sys.path[:0] = sys.argv[1:]
import redraw_alone as it
import PIL.Image, PIL.ImageOps, PIL.MpoImagePlugin, PIL.TiffImagePlugin, pillow_heif, pypdfium2
PIL.Image.preinit()
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
sys.exit(it.main())
"""
    content = encoded(photo(1400, 1000), kind)
    done = subprocess.run(instead(attempt), input=content, capture_output=True, env={"MALLOC_ARENA_MAX": "1"}, check=False)
    assert done.returncode == 0, done.stdout
    opened(done.stdout)
