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
