"""Write an .apkg with pictures and sounds, as people share them: python make_package.py FILE."""

import struct
import sys
import tempfile
import zlib
from pathlib import Path

import genanki

SECONDS = 1
RATE = 8000
SIDE = 24
DECK = 1700000000001
NOTETYPE = 1700000000002


def png(red: int, green: int, blue: int) -> bytes:
    row = b"\0" + bytes((red, green, blue)) * SIDE
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(row * SIDE)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def wav() -> bytes:
    samples = b"\x80" * (RATE * SECONDS)
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, RATE, RATE, 1, 8)
    body = b"WAVE" + form + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def main(target: str) -> None:
    files = {"sol e lua.png": png(240, 180, 30), "coração.png": png(200, 30, 60), "sol.wav": wav()}
    notetype = genanki.Model(
        NOTETYPE,
        "Picture and sound",
        fields=[{"name": "Picture"}, {"name": "Word"}, {"name": "Sound"}],
        templates=[
            {
                "name": "Card 1",
                "qfmt": "{{Picture}}",
                "afmt": "{{FrontSide}}<hr id=answer>{{Word}}<br>{{Sound}}",
            }
        ],
        css=".card { text-align: center; background: #fffbe6; }",
    )
    deck = genanki.Deck(DECK, "Figuras::Céu")
    for picture, word in (("sol e lua.png", "sun and moon"), ("coração.png", "heart")):
        fields = [f'<img src="{picture}">', word, "[sound:sol.wav]"]
        deck.add_note(genanki.Note(notetype, fields))
    package = genanki.Package(deck)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        package.media_files = [str(Path(folder) / name) for name in files]
        package.write_to_file(target)


if __name__ == "__main__":
    main(sys.argv[1])
