// Resampling with antialiasing, as Pillow's `Image.resize` does it. Pictures are { width, height, data }, RGBA with 8 bits;
// opacity is left out, for a model sees colors only.
const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const cubic = (a) => (x) => (x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0);
const LANCZOS = { reach: 3, at: (x) => (x < 3 ? sinc(x) * sinc(x / 3) : 0) };
const BICUBIC = { reach: 2, at: cubic(-0.5) };

// For each pixel of a side: the first of the pixels that it is made of, and their weights, which add up to 1.
function weightsOf(from, to, filter) {
  const step = from / to, scale = Math.max(step, 1), reach = filter.reach * scale;
  return Array.from({ length: to }, (_, index) => {
    const center = (index + 0.5) * step;
    const first = Math.max(Math.floor(center - reach + 0.5), 0), last = Math.min(Math.floor(center + reach + 0.5), from);
    const weights = Float64Array.from({ length: last - first }, (_, k) => filter.at(Math.abs((k + first - center + 0.5) / scale)));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

function resized(picture, width, height, filter) {
  if (picture.width === width && picture.height === height) return picture;
  const across = weightsOf(picture.width, width, filter), down = weightsOf(picture.height, height, filter);
  const narrow = new Uint8ClampedArray(4 * width * picture.height); // 8 bits between both passes, as in Pillow
  for (let y = 0; y < picture.height; y++) {
    const row = 4 * y * picture.width;
    across.forEach(({ first, weights }, x) => {
      let red = 0, green = 0, blue = 0;
      for (let k = 0, at = row + 4 * first; k < weights.length; k++, at += 4) {
        red += weights[k] * picture.data[at];
        green += weights[k] * picture.data[at + 1];
        blue += weights[k] * picture.data[at + 2];
      }
      narrow.set([red, green, blue, 255], 4 * (y * width + x));
    });
  }
  const data = new Uint8ClampedArray(4 * width * height), sums = new Float64Array(4 * width);
  down.forEach(({ first, weights }, y) => {
    sums.fill(0);
    weights.forEach((weight, k) => {
      for (let i = 0, at = 4 * (first + k) * width; i < sums.length; i++, at++) sums[i] += weight * narrow[at];
    });
    data.set(sums, 4 * y * width);
  });
  return { width, height, data };
}
