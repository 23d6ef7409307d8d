// Applies an answer at the model's size to the photo's own pixels at full size: what `editor/editing/transfer.py` does.
// The six planes of an answer are move_x and move_y in pixels of the square, factor, red, green and blue.
// For each pixel of a side of the photo: the two entries of the answer between which it lies, and the share of the second.
function placesOf(length, start, content, room) {
  return Array.from({ length }, (_, index) => {
    const place = Math.min(Math.max(start + ((index + 0.5) / length) * content - 0.5, 0), room - 1);
    const first = Math.floor(place);
    return { first, second: Math.min(first + 1, room - 1), share: place - first };
  });
}

// Returns the edit. `paste`, where there is one, is what `pasteFor` returns; it is laid over all else.
function transferred(photo, answer, { width: room, height: rooms, box }, { strength, colorMap, paste, onRow }) {
  const { width, height } = photo, size = room * rooms, share = Math.min(strength, 1);
  const result = { width, height, data: new Uint8ClampedArray(photo.data) };
  const xs = placesOf(width, box.left, box.width, room), ys = placesOf(height, box.top, box.height, rooms);
  const planes = Array.from({ length: paste ? 9 : 6 }, (_, c) => (c < 6 ? answer : paste.maps).subarray((c % 6) * size, ((c % 6) + 1) * size));
  const row = planes.map(() => new Float32Array(room)), said = new Float64Array(9);
  const base = new Float64Array(4), edit = new Float64Array(3), pasted = new Float64Array(4);
  for (let y = 0; y < height; y++) {
    const { first: above, second: below, share: down } = ys[y];
    planes.forEach((plane, c) => {
      const top = plane.subarray(above * room, (above + 1) * room), bottom = plane.subarray(below * room, (below + 1) * room);
      for (let x = 0; x < room; x++) row[c][x] = top[x] + down * (bottom[x] - top[x]);
    });
    for (let x = 0, at = 4 * y * width; x < width; x++, at += 4) {
      const { first, second, share: right } = xs[x];
      for (let c = 0; c < 6; c++) said[c] = strength * (row[c][first] + right * (row[c][second] - row[c][first]));
      for (let c = 6; c < row.length; c++) said[c] = row[c][first] + right * (row[c][second] - row[c][first]);
      if (said[0] || said[1]) {
        sampled(photo, x + (said[0] * width) / box.width, y + (said[1] * height) / box.height, TORCH_CUBIC, base);
        for (let c = 0; c < 3; c++) base[c] = base[c] / 127.5 - 1;
      } else for (let c = 0; c < 3; c++) base[c] = photo.data[at + c] / 127.5 - 1; // at rest: copied, not resampled
      if (colorMap) lookUp(colorMap, base, strength);
      for (let c = 0; c < 3; c++) edit[c] = (1 + said[2]) * base[c] + said[3 + c];
      if (said[6] > 0) { // under the cutout and around it the answer's soft painting gives way
        sampled(paste.cutout, said[7], said[8], TORCH_CUBIC, pasted);
        const cover = share * Math.min(Math.max(pasted[3] / 255, 0), 1);
        for (let c = 0; c < 3; c++) {
          const under = edit[c] + said[6] * (base[c] - edit[c]);
          edit[c] = under + cover * (Math.min(Math.max(pasted[c], 0), 255) / 127.5 - 1 - under);
        }
      }
      for (let c = 0; c < 3; c++) result.data[at + c] = (edit[c] + 1) * 127.5; // rounded and clamped by the array
    }
    onRow?.((y + 1) / height);
  }
  return result;
}
