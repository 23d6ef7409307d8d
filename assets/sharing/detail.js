// The detail filter, which works at the photo's own scale in tiles that overlap by as much as it looks around a pixel:
// what `editor/editing/filtering.py` and `editor/models/tiles.py` do.

// Returns the photo before and after the filter, at the size at which it is filtered.
async function filtered(photo, { size, scale, most_enlarged, margin, multiple, tile }, colorMap, run, onTile) {
  const factor = Math.min(scale, (most_enlarged * size) / Math.max(photo.width, photo.height));
  const before = resized(photo, scaledSide(photo.width, factor), scaledSide(photo.height, factor), LANCZOS);
  const { width, height } = before, after = { width, height, data: new Uint8ClampedArray(before.data) };
  const roundedUp = (number) => Math.ceil(number / multiple) * multiple, rgb = new Float64Array(3);
  const count = Math.ceil(width / tile) * Math.ceil(height / tile);
  let done = 0;
  for (let top = 0; top < height; top += tile) {
    for (let left = 0; left < width; left += tile) {
      const bottom = Math.min(top + tile, height), right = Math.min(left + tile, width);
      const wide = roundedUp(right) - left + 2 * margin, high = roundedUp(bottom) - top + 2 * margin, plane = wide * high;
      const planes = planesOf(cropped(before, left - margin, top - margin, wide, high));
      for (let at = 0; colorMap && at < plane; at++) {
        for (let c = 0; c < 3; c++) rgb[c] = planes[c * plane + at];
        lookUp(colorMap, rgb, 1);
        for (let c = 0; c < 3; c++) planes[c * plane + at] = rgb[c];
      }
      const edit = await run(planes, wide, high);
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const from = (y - top + margin) * wide + x - left + margin, to = 4 * (y * width + x);
          for (let c = 0; c < 3; c++) after.data[to + c] = (edit[c * plane + from] + 1) * 127.5;
        }
      }
      onTile?.(++done / count);
    }
  }
  return { before, after };
}

// Returns the photo with `strength` times what the filter changed.
function withDetail(photo, { before, after }, strength) {
  const { width, height } = photo;
  if (strength === 1 && width === after.width && height === after.height) return after;
  const [old, changed] = [before, after].map((side) => resized(side, width, height, BICUBIC).data);
  const data = new Uint8ClampedArray(photo.data);
  for (let at = 0; at < data.length; at++) if (at % 4 < 3) data[at] += strength * (changed[at] - old[at]);
  return { width, height, data };
}
