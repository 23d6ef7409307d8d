// What an effect adds, as cutouts, laid over the network's answer: what `editor/pasting/cutout.py` and
// `editor/pasting/paste.py` do. A cutout is { width, height, data }, RGBA with 8 bits or as floats in 0..255; A is its matte.

// Reads a PNG file in which the pixels lie above the matte: opaque, for a canvas rounds colors that are transparent.
async function cutoutFrom(png) {
  const bitmap = await createImageBitmap(new Blob([png], { type: "image/png" })), side = bitmap.width;
  const drawing = new OffscreenCanvas(side, 2 * side).getContext("2d");
  drawing.drawImage(bitmap, 0, 0);
  const { data } = drawing.getImageData(0, 0, side, 2 * side), matte = 4 * side * side;
  for (let at = 0; at < matte; at += 4) data[at + 3] = data[matte + at];
  return { width: side, height: side, data: Float32Array.from(data.subarray(0, matte)) };
}

// Pixels that go on beyond the edge of the matte, where interpolation looks.
function bled(cutout, bleed) {
  const { width, height } = cutout, data = cutout.data.slice(), known = Array.from({ length: width * height }, (_, at) => data[4 * at + 3] > 0);
  for (let round = 0; round < bleed; round++) {
    const next = [];
    for (let at = 0; at < known.length; at++) {
      if (known[at]) continue;
      const x = at % width, y = Math.floor(at / width), total = [0, 0, 0];
      let count = 0;
      for (let j = Math.max(y - 1, 0); j <= Math.min(y + 1, height - 1); j++) {
        for (let i = Math.max(x - 1, 0); i <= Math.min(x + 1, width - 1); i++) {
          if (!known[j * width + i]) continue;
          count += 1;
          for (let c = 0; c < 3; c++) total[c] += data[4 * (j * width + i) + c];
        }
      }
      if (count) next.push([at, total.map((value) => value / count)]);
    }
    for (const [at, color] of next) {
      data.set(color, 4 * at);
      known[at] = true;
    }
  }
  return { width, height, data };
}

// The cutout at `side` pixels; never larger than it is.
function cutoutAt(cutout, side, bleed) {
  if (side >= cutout.width) return bled(cutout, bleed);
  const covered = { ...cutout, data: cutout.data.map((value, at) => (value * cutout.data[at | 3]) / 255) }; // half covered counts half
  for (let at = 3; at < covered.data.length; at += 4) covered.data[at] = cutout.data[at];
  const small = resized(covered, side, side, TRIANGLE);
  for (let at = 0; at < small.data.length; at++) {
    if (at % 4 < 3) small.data[at] = Math.min(small.data[at] / Math.max(small.data[at | 3] / 255, 1e-3), 255);
  }
  return bled(small, bleed);
}

// A picture as `placed` takes it.
function mapsOf({ width, height, data }) {
  const plane = (c) => Float32Array.from({ length: width * height }, (_, at) => (c < 3 ? data[4 * at + c] / 127.5 - 1 : data[4 * at + c] / 255));
  return { width, height, planes: [0, 1, 2, 3].map(plane) };
}

// A running value over squares of 2 reach + 1 pixels, along rows and then along columns.
function spread(plane, width, height, reach, combine) {
  for (const [step, stride, length, count] of [[1, width, width, height], [width, 1, height, width]]) {
    const result = new Float32Array(plane.length);
    for (let line = 0; line < count; line++) {
      for (let at = 0; at < length; at++) {
        const first = Math.max(at - reach, 0), last = Math.min(at + reach, length - 1), values = [];
        for (let k = first; k <= last; k++) values.push(plane[line * stride + k * step]);
        result[line * stride + at * step] = combine(values);
      }
    }
    plane = result;
  }
  return plane;
}

// Where the answer's soft painting gives way: the matte, grown and with a soft edge.
function clearedOf(matte, width, height, share) {
  const reach = Math.max(2, roundHalfEven(share * Math.min(width, height)));
  const grown = spread(matte, width, height, reach, (values) => Math.max(...values));
  return spread(grown, width, height, Math.floor(reach / 2), (values) => sum(values) / values.length);
}

// Returns what is pasted into a photo, or null where no cutout explains the edit of what the network has seen:
// { maps, cutout }. The maps are planes as large as the answer: how much of it gives way, and the place in the cutout, in
// pixels. `cutouts` are { maps, png }, small and large.
async function pasteFor(seen, edit, photo, cutouts, { least_explained, cleared, bleed, ...numbers }) {
  const [answer, base] = [edit, seen.picture].map(mapsOf), { width, height } = seen, side = Math.min(width, height), size = width * height;
  const { index, placement, explained } = placed(answer, base, cutouts.map(({ maps }) => maps), numbers);
  if (explained <= least_explained) return null;
  const large = await cutoutFrom(cutouts[index].png), fitting = Math.max(1, roundHalfEven((side * photo.width) / seen.box.width));
  const [rough, cutout] = [side, fitting].map((length) => ringedPicture(cutoutAt(large, length, bleed)));
  const maps = new Float32Array(3 * size), matte = new Float32Array(size), level = new Float32Array(4);
  const placeIn = (picture, along) => ((along + 1) * (picture.width - 2) + 1) / 2; // of what is in -1..1, in pixels with the ring
  eachPlace(placement, gridOf(width, height, numbers.bends), (at, x, y, u, v) => {
    sampled(rough, placeIn(rough, u), placeIn(rough, v), TRIANGLE, level);
    matte[at] = level[3] / 255;
    maps[size + at] = placeIn(cutout, u);
    maps[2 * size + at] = placeIn(cutout, v);
  });
  maps.set(clearedOf(matte, width, height, cleared));
  return { maps, cutout };
}

// A picture with a transparent pixel around it, which is what is read outside of it.
function ringedPicture({ width, height, data }) {
  const larger = { width: width + 2, height: height + 2, data: new Float32Array(4 * (width + 2) * (height + 2)) };
  for (let y = 0; y < height; y++) larger.data.set(data.subarray(4 * y * width, 4 * (y + 1) * width), 4 * ((y + 1) * larger.width + 1));
  return larger;
}
