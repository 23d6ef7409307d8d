// The square or strip at the model's size that a photo of any shape becomes, and the overlapping windows of a strip:
// what `editor/images.py` and `editor/editing/windows.py` do.
const SHARPNESS = 4; // of the cross-fade between two windows

// Python's `round`: halves go to the even neighbor.
function roundHalfEven(number) {
  const floor = Math.floor(number), rest = number - floor;
  return rest === 0.5 ? floor + (floor % 2) : Math.round(number);
}

const scaledSide = (side, scale) => Math.max(1, roundHalfEven(side * scale));

// The index of a pixel along a side whose ends are mirrors.
function mirrored(index, length) {
  const place = ((index % (2 * length)) + 2 * length) % (2 * length);
  return Math.min(place, 2 * length - 1 - place);
}

// Returns a part of a picture, which may reach over its borders.
function cropped(picture, left, top, width, height) {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = mirrored(top + y, picture.height) * picture.width;
    for (let x = 0; x < width; x++, at += 4) {
      const from = 4 * (row + mirrored(left + x, picture.width));
      for (let c = 0; c < 4; c++) data[at + c] = picture.data[from + c];
    }
  }
  return { width, height, data };
}

// Returns the planes red, green and blue of a picture, in [-1, 1].
function planesOf({ width, height, data }) {
  const size = width * height, planes = new Float32Array(3 * size);
  for (let c = 0; c < 3; c++) for (let at = 0; at < size; at++) planes[c * size + at] = data[4 * at + c] / 127.5 - 1;
  return planes;
}

// Returns { picture, width, height, box }: what the model sees of a photo, and where the photo lies in it.
function fitted(photo, { size, fit, grid, max_squares }) {
  const sides = [photo.width, photo.height], longest = Math.max(...sides), shortest = Math.min(...sides);
  const isStrip = fit === "crop";
  const scale = isStrip ? Math.min(size / shortest, (max_squares * size) / longest) : size / longest;
  const content = sides.map((side) => scaledSide(side, scale));
  const [width, height] = content.map((side) => (isStrip ? Math.max(size, Math.ceil(side / grid) * grid) : size));
  const left = Math.floor((width - content[0]) / 2), top = Math.floor((height - content[1]) / 2);
  const picture = cropped(resized(photo, ...content, LANCZOS), -left, -top, width, height);
  return { picture, width, height, box: { left, top, width: content[0], height: content[1] } };
}

// Where windows of a strip begin along its longer side. One of them lies exactly in the middle.
function windowStarts(width, height, grid) {
  const [side, length] = [width, height].sort((a, b) => a - b), onGrid = (number) => Math.floor(number / grid) * grid;
  const stride = Math.max(grid, onGrid(Math.floor(side / 2))), middle = onGrid(Math.floor((length - side) / 2));
  const count = Math.ceil((length - side) / 2 / stride), starts = [];
  for (let k = 0; k < count; k++) starts.push(onGrid(Math.floor((middle * k) / count)));
  starts.push(middle);
  for (let k = count - 1; k >= 0; k--) starts.push(length - side - onGrid(Math.floor(((length - side - middle) * k) / count)));
  return [...new Set(starts)];
}

// Runs a network on each window and cross-fades what it answers: planes of the strip's size.
async function inWindows(picture, grid, run) {
  const { width, height } = picture, planes = planesOf(picture);
  const starts = windowStarts(width, height, grid), side = Math.min(width, height), isWide = width > height;
  const tent = Float64Array.from({ length: side }, (_, k) => Math.min(k + 0.5, side - k - 0.5) ** SHARPNESS);
  const total = new Float64Array(Math.max(width, height));
  for (const start of starts) tent.forEach((weight, k) => (total[start + k] += weight));
  let answer = null;
  for (const start of starts) {
    const [left, top] = isWide ? [start, 0] : [0, start], window = new Float32Array(3 * side * side);
    const eachRow = (channels, visit) => {
      for (let c = 0; c < channels; c++) for (let y = 0; y < side; y++) visit((c * side + y) * side, (c * height + top + y) * width + left, y);
    };
    eachRow(3, (to, from) => window.set(planes.subarray(from, from + side), to));
    const answered = await run(window, side, side), channels = answered.length / side ** 2;
    answer ??= new Float32Array(channels * width * height);
    eachRow(channels, (from, to, y) => {
      for (let x = 0; x < side; x++) {
        const along = isWide ? x : y;
        answer[to + x] += (answered[from + x] * tent[along]) / total[start + along];
      }
    });
  }
  return answer;
}
