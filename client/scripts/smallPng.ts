/** A picture with at most 256 colours, a third as large: enough for what a screen shows. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const COLOURS = 256;
const PALETTE_TYPE = 3;

interface Picture {
  width: number;
  height: number;
  /** One after the other, as 0xrrggbb. */
  pixels: Uint32Array;
}

export function smallPng(png: Buffer): Buffer {
  const picture = decoded(png);
  const palette = commonest(picture.pixels);
  const { width, height } = picture;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, PALETTE_TYPE, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((colour) => parts(colour)));
  const rows = deflateSync(indexed(picture, palette), { level: 9 });
  const chunks = [chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', rows)];
  return Buffer.concat([SIGNATURE, ...chunks, chunk('IEND', Buffer.alloc(0))]);
}

/** What Chromium writes: 8 bits a channel, with or without transparency, not interlaced. */
function decoded(png: Buffer): Picture {
  const data: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length; at += png.readUInt32BE(at) + 12) {
    const type = png.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT') data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const channels = png.readUInt8(25) === 6 ? 4 : 3;
  const bytes = unfiltered(inflateSync(Buffer.concat(data)), width * channels, channels);
  const pixels = new Uint32Array(width * height);
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = bytes.readUIntBE(at * channels, 3);
  return { width, height, pixels };
}

/** Undo what PNG does to rows so that they can be packed better (PNG specification, 9.2). */
function unfiltered(rows: Buffer, length: number, channels: number): Buffer {
  const count = rows.length / (length + 1);
  const bytes = Buffer.alloc(length * count);
  const byte = (row: number, at: number) =>
    row < 0 || at < 0 ? 0 : (bytes[row * length + at] ?? 0);
  for (let row = 0; row < count; row += 1) {
    const filter = rows[row * (length + 1)] ?? 0;
    for (let at = 0; at < length; at += 1) {
      const left = byte(row, at - channels);
      const above = byte(row - 1, at);
      const corner = at < channels ? 0 : byte(row - 1, at - channels);
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter] ?? 0;
      bytes[row * length + at] = (rows[row * (length + 1) + 1 + at] ?? 0) + guess;
    }
  }
  return bytes;
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [a, b, c] = [left, above, corner].map((value) => Math.abs(guess - value));
  if ((a ?? 0) <= (b ?? 0) && (a ?? 0) <= (c ?? 0)) return left;
  return (b ?? 0) <= (c ?? 0) ? above : corner;
}

function commonest(pixels: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const sorted = [...counts].sort(([, first], [, second]) => second - first);
  return sorted.slice(0, COLOURS).map(([colour]) => colour);
}

/** Each row after a byte that says it is not filtered. */
function indexed({ width, height, pixels }: Picture, palette: readonly number[]): Buffer {
  const known = new Map(palette.map((colour, index) => [colour, index]));
  const rows = Buffer.alloc((width + 1) * height);
  for (let at = 0; at < pixels.length; at += 1) {
    const pixel = pixels[at] ?? 0;
    const index = known.get(pixel) ?? nearest(pixel, palette);
    known.set(pixel, index);
    rows[at + Math.floor(at / width) + 1] = index;
  }
  return rows;
}

function nearest(colour: number, palette: readonly number[]): number {
  const wanted = parts(colour);
  const distances = palette.map((one) =>
    parts(one).reduce((sum, part, at) => sum + (part - (wanted[at] ?? 0)) ** 2, 0),
  );
  return distances.indexOf(Math.min(...distances));
}

const parts = (colour: number) => [colour >> 16, (colour >> 8) & 255, colour & 255];

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
