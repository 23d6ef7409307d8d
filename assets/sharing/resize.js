// Resampling with antialiasing, as Pillow's `Image.resize` does it, and at single places, as PyTorch's `grid_sample` does.
// Pictures are { width, height, data }, RGBA from 0 to 255; what comes back holds numbers of the same kind.
const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const cubic = (a) => (x) => (x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0);
const LANCZOS = { reach: 3, at: (x) => (x < 3 ? sinc(x) * sinc(x / 3) : 0) };
const BICUBIC = { reach: 2, at: cubic(-0.5) };
const TRIANGLE = { reach: 1, at: (x) => Math.max(1 - x, 0) };
const TORCH_CUBIC = { reach: 2, at: cubic(-0.75) };

// For each pixel of a side: the first of the pixels that it is made of, and their weights, which add up to 1.
function weightsOf(from, to, filter) {
  const step = from / to, scale = Math.max(step, 1), reach = filter.reach * scale;
  return Array.from({ length: to }, (_, index) => {
    const center = (index + 0.5) * step;
    const first = Math.max(Math.floor(center - reach + 0.5), 0), last = Math.min(Math.floor(center + reach + 0.5), from);
    const weights = Float64Array.from({ length: last - first }, (_, k) => filter.at(Math.abs((k + first - center + 0.5) / scale)));
    const total = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}

function resized(picture, width, height, filter) {
  if (picture.width === width && picture.height === height) return picture;
  const across = weightsOf(picture.width, width, filter), down = weightsOf(picture.height, height, filter);
  const Numbers = picture.data.constructor, narrow = new Numbers(4 * width * picture.height); // 8 bits between both passes, as in Pillow
  for (let y = 0; y < picture.height; y++) {
    const row = 4 * y * picture.width;
    for (let x = 0, to = 4 * y * width; x < width; x++, to += 4) {
      const { first, weights } = across[x];
      let red = 0, green = 0, blue = 0, opacity = 0;
      for (let k = 0, at = row + 4 * first; k < weights.length; k++, at += 4) {
        red += weights[k] * picture.data[at];
        green += weights[k] * picture.data[at + 1];
        blue += weights[k] * picture.data[at + 2];
        opacity += weights[k] * picture.data[at + 3];
      }
      narrow[to] = red;
      narrow[to + 1] = green;
      narrow[to + 2] = blue;
      narrow[to + 3] = opacity;
    }
  }
  const data = new Numbers(4 * width * height), sums = new Float64Array(4 * width);
  for (let y = 0; y < height; y++) {
    const { first, weights } = down[y];
    sums.fill(0);
    for (let k = 0; k < weights.length; k++) {
      for (let i = 0, at = 4 * (first + k) * width; i < sums.length; i++, at++) sums[i] += weights[k] * narrow[at];
    }
    data.set(sums, 4 * y * width);
  }
  return { width, height, data };
}

// Reads a picture at a place in pixels, (0, 0) being the middle of the first one, into four numbers. What lies outside is
// as the border.
const ACROSS = new Float64Array(4); // weights of the columns, the same for each row
function sampled({ width, height, data }, x, y, { reach, at }, into) {
  const left = Math.floor(x), top = Math.floor(y);
  for (let k = 0; k < 2 * reach; k++) ACROSS[k] = at(Math.abs(left + k + 1 - reach - x));
  let red = 0, green = 0, blue = 0, opacity = 0;
  for (let j = 1 - reach; j <= reach; j++) {
    const row = Math.min(Math.max(top + j, 0), height - 1) * width, down = at(Math.abs(top + j - y));
    for (let k = 0; k < 2 * reach; k++) {
      const pixel = 4 * (row + Math.min(Math.max(left + k + 1 - reach, 0), width - 1)), weight = down * ACROSS[k];
      red += weight * data[pixel];
      green += weight * data[pixel + 1];
      blue += weight * data[pixel + 2];
      opacity += weight * data[pixel + 3];
    }
  }
  into[0] = red;
  into[1] = green;
  into[2] = blue;
  into[3] = opacity;
}
