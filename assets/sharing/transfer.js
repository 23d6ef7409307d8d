// Applies an answer at the model's size to the photo's own pixels at full size: what `editor/editing/transfer.py` does.
// The six planes of an answer are move_x and move_y in pixels of the square, factor, red, green and blue.
const MOVED = cubic(-0.75); // the weights of PyTorch's bicubic sampling

// For each pixel of a side of the photo: the two entries of the answer between which it lies, and the share of the second.
function placesOf(length, start, content, room) {
  return Array.from({ length }, (_, index) => {
    const place = Math.min(Math.max(start + ((index + 0.5) / length) * content - 0.5, 0), room - 1);
    const first = Math.floor(place);
    return { first, second: Math.min(first + 1, room - 1), share: place - first };
  });
}

// Reads a picture bicubically at a place in pixels, into rgb in [-1, 1].
function sampled({ width, height, data }, x, y, rgb) {
  const left = Math.floor(x), top = Math.floor(y);
  let red = 0, green = 0, blue = 0;
  for (let j = -1; j < 3; j++) {
    const row = Math.min(Math.max(top + j, 0), height - 1) * width, down = MOVED(Math.abs(top + j - y));
    for (let k = -1; k < 3; k++) {
      const at = 4 * (row + Math.min(Math.max(left + k, 0), width - 1)), weight = down * MOVED(Math.abs(left + k - x));
      red += weight * data[at];
      green += weight * data[at + 1];
      blue += weight * data[at + 2];
    }
  }
  rgb[0] = red / 127.5 - 1; // the weights add up to 1
  rgb[1] = green / 127.5 - 1;
  rgb[2] = blue / 127.5 - 1;
}

// Returns the edit. `layOver(rgb, base, x, y)`, where there is one, lays what is pasted over a pixel.
function transferred(photo, answer, { width: room, height: rooms, box }, { strength, colorMap, layOver, onRow }) {
  const { width, height } = photo, size = room * rooms;
  const result = { width, height, data: new Uint8ClampedArray(photo.data) };
  const xs = placesOf(width, box.left, box.width, room), ys = placesOf(height, box.top, box.height, rooms);
  const row = Array.from({ length: 6 }, () => new Float32Array(room)), said = new Float64Array(6);
  const base = new Float64Array(3), edit = new Float64Array(3);
  for (let y = 0; y < height; y++) {
    const { first: above, second: below, share: down } = ys[y];
    for (let c = 0; c < 6; c++) {
      const top = answer.subarray(c * size + above * room), bottom = answer.subarray(c * size + below * room);
      for (let x = 0; x < room; x++) row[c][x] = top[x] + down * (bottom[x] - top[x]);
    }
    for (let x = 0, at = 4 * y * width; x < width; x++, at += 4) {
      const { first, second, share } = xs[x];
      for (let c = 0; c < 6; c++) said[c] = strength * (row[c][first] + share * (row[c][second] - row[c][first]));
      if (said[0] || said[1]) {
        sampled(photo, x + (said[0] * width) / box.width, y + (said[1] * height) / box.height, base);
      } else {
        for (let c = 0; c < 3; c++) base[c] = photo.data[at + c] / 127.5 - 1; // at rest: copied, not resampled
      }
      if (colorMap) lookUp(colorMap, base, strength);
      for (let c = 0; c < 3; c++) edit[c] = (1 + said[2]) * base[c] + said[3 + c];
      if (layOver) layOver(edit, base, x, y);
      for (let c = 0; c < 3; c++) result.data[at + c] = (edit[c] + 1) * 127.5; // rounded and clamped by the array
    }
    onRow?.((y + 1) / height);
  }
  return result;
}
