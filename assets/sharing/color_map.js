// A table of size^3 colors in [-1, 1], its axes red, green and blue, read trilinearly. Changes rgb (three numbers) in place.
function lookUp({ size, table }, rgb, strength) {
  const first = [0, 0, 0], rest = [0, 0, 0];
  for (let c = 0; c < 3; c++) {
    const place = ((Math.min(Math.max(rgb[c], -1), 1) + 1) / 2) * (size - 1);
    first[c] = Math.min(Math.floor(place), size - 2);
    rest[c] = place - first[c];
  }
  let red = 0, green = 0, blue = 0;
  for (let corner = 0; corner < 8; corner++) {
    let at = 0, weight = 1;
    for (let c = 0; c < 3; c++) {
      const next = (corner >> c) & 1;
      at = at * size + first[c] + next;
      weight *= next ? rest[c] : 1 - rest[c];
    }
    red += weight * table[3 * at];
    green += weight * table[3 * at + 1];
    blue += weight * table[3 * at + 2];
  }
  rgb[0] += strength * (red - rgb[0]);
  rgb[1] += strength * (green - rgb[1]);
  rgb[2] += strength * (blue - rgb[2]);
}

// Where a photo lies between entries of gains along one side, from edge to edge.
function betweenGains(length, count) {
  return Array.from({ length }, (_, at) => {
    const place = ((at + 0.5) / length) * (count - 1), first = Math.min(Math.floor(place), count - 2);
    return { first, rest: place - first };
  });
}

// The whole photo after `strength` of a map that depends on the photo: first its colors are stretched by its levels, if the map
// has such; last come planes of gain_size^2 factors of red, green and blue in light from 0 to 1, by the place in the photo.
// Such a map comes before all else, where another comes after the network's answer.
function mappedByPhoto({ width, height, data }, { gains, gain_size, levels, ...map }, strength) {
  const ends = levels ? endsOf({ data }, levels) : [[0, 255], [0, 255], [0, 255]];
  const result = { width, height, data: new Uint8ClampedArray(data) }, rgb = new Float64Array(3);
  const xs = betweenGains(width, gain_size), ys = betweenGains(height, gain_size);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      for (let c = 0; c < 3; c++) rgb[c] = (2 * (data[at + c] - ends[c][0])) / (ends[c][1] - ends[c][0]) - 1;
      lookUp(map, rgb, 1); // which clamps
      for (let c = 0; c < 3; c++) {
        const upper = (c * gain_size + ys[y].first) * gain_size + xs[x].first, lower = upper + gain_size;
        const above = gains[upper] + xs[x].rest * (gains[upper + 1] - gains[upper]);
        const below = gains[lower] + xs[x].rest * (gains[lower + 1] - gains[lower]);
        const light = (rgb[c] + 1) * 127.5 * (above + ys[y].rest * (below - above));
        result.data[at + c] = data[at + c] + strength * (light - data[at + c]); // rounded and clamped by the array
      }
    }
  }
  return result;
}
