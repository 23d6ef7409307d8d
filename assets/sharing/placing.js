// Finding where in a picture lies what an effect adds, given the model's soft answer for that picture: what
// `editor/pasting/placing.py` does. A cutout is registered to the answer by an affine map, then by one that bends a
// little, from coarse to fine. Errors are differentiated by hand: through the blur, the matte, bilinear sampling and the
// map to its parameters.
//
// Maps are { width, height, planes }, one Float32Array a channel, colors in [-1, 1] and mattes in [0, 1]. A placement is
// one array: three rows of the affine map, for 1, x and y, and then `bends`^2 values each for x and y.
const AFFINE = 6; // of its entries

const sum = (values) => values.reduce((a, b) => a + b, 0);
const meanSquare = (planes) => sum(planes.map((plane) => plane.reduce((total, value) => total + value ** 2, 0))) / (planes.length * planes[0].length);

// Means of squares of `size` pixels.
function pooled({ width, height, planes }, size) {
  const wide = Math.floor(width / size), high = Math.floor(height / size);
  const pool = (plane) => Float32Array.from({ length: wide * high }, (_, at) => {
    const left = (at % wide) * size, top = Math.floor(at / wide) * size;
    let total = 0;
    for (let y = top; y < top + size; y++) for (let x = left; x < left + size; x++) total += plane[y * width + x];
    return total / size ** 2;
  });
  return { width: wide, height: high, planes: size === 1 ? planes : planes.map(pool) };
}

// Surrounds maps by one pixel of zeros, which is what is read outside of them.
function ringed({ width, height, planes }) {
  const ring = (plane) => {
    const larger = new Float32Array((width + 2) * (height + 2));
    for (let y = 0; y < height; y++) larger.set(plane.subarray(y * width, (y + 1) * width), (y + 1) * (width + 2) + 1);
    return larger;
  };
  return { width: width + 2, height: height + 2, planes: planes.map(ring) };
}

// The centers of the pixels of a side, in halves of the shorter side around the middle.
const placesAlong = (length, shorter) => Float64Array.from({ length }, (_, at) => (at + 0.5 - length / 2) / (shorter / 2));

// For each pixel of a side, how much each of the bends counts there: bicubic interpolation from corner to corner.
function bendWeights(length, bends) {
  return Array.from({ length }, (_, at) => {
    const place = length > 1 ? (at * (bends - 1)) / (length - 1) : 0, first = Math.floor(place), weights = new Float64Array(bends);
    for (let k = first - 1; k < first + 3; k++) weights[Math.min(Math.max(k, 0), bends - 1)] += TORCH_CUBIC.at(Math.abs(place - k));
    return weights;
  });
}

// Calls visit(pixel, x, y, u, v) for each pixel, where (u, v) is its place in the cutout, in halves of its side.
function eachPlace(placement, { width, height, xs, ys, across, down, bends }, visit) {
  const bentX = new Float64Array(bends), bentY = new Float64Array(bends);
  for (let y = 0, at = 0; y < height; y++) {
    for (let j = 0; j < bends; j++) {
      bentX[j] = bentY[j] = 0;
      for (let i = 0; i < bends; i++) {
        bentX[j] += down[y][i] * placement[AFFINE + i * bends + j];
        bentY[j] += down[y][i] * placement[AFFINE + (bends + i) * bends + j];
      }
    }
    for (let x = 0; x < width; x++, at++) {
      let u = placement[0] + xs[x] * placement[2] + ys[y] * placement[4];
      let v = placement[1] + xs[x] * placement[3] + ys[y] * placement[5];
      for (let j = 0; j < bends; j++) {
        u += across[x][j] * bentX[j];
        v += across[x][j] * bentY[j];
      }
      visit(at, x, y, u, v);
    }
  }
}

// What `eachPlace` has to know of a picture of that size.
function gridOf(width, height, bends) {
  const shorter = Math.min(width, height), xs = placesAlong(width, shorter), ys = placesAlong(height, shorter);
  return { width, height, xs, ys, across: bendWeights(width, bends), down: bendWeights(height, bends), bends };
}

// Gaussian blur of a plane whose border goes on for ever, or with `isBack` the transposed of that, which takes a gradient
// back through it. It is done along rows and along columns.
function blurred(plane, width, height, kernel, isBack = false) {
  const reach = (kernel.length - 1) / 2, row = [1, width, width, height], column = [width, 1, height, width];
  for (const [step, stride, length, count] of isBack ? [column, row] : [row, column]) {
    const result = new Float64Array(plane.length), line = new Float64Array(length + 2 * reach); // with what is beyond both ends
    for (let first = 0; first < count * stride; first += stride) {
      if (isBack) line.fill(0);
      for (let at = 0; at < line.length; at++) {
        const inside = Math.min(Math.max(at - reach, 0), length - 1);
        if (!isBack) line[at] = plane[first + inside * step];
        else if (at < length) for (let k = 0; k < kernel.length; k++) line[at + k] += kernel[k] * plane[first + at * step];
      }
      for (let at = 0; at < line.length; at++) {
        const inside = Math.min(Math.max(at - reach, 0), length - 1);
        if (isBack) result[first + inside * step] += line[at];
        else if (at < length) for (let k = 0; k < kernel.length; k++) result[first + at * step] += kernel[k] * line[at + k];
      }
    }
    plane = result;
  }
  return plane;
}

function gaussian(sigma) {
  const reach = Math.ceil(3 * sigma), kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach) ** 2) / (2 * sigma ** 2)));
  const total = sum(kernel);
  return kernel.map((weight) => weight / total);
}

// Returns the mean squared difference from the answer of the picture with a cutout on it, and adds its slope along each
// entry of the placement to `slopes`.
function errorOf(placement, slopes, { answer, base, cutout, grid, kernel, scratch }) {
  const { width, height, xs, ys, across, down, bends } = grid, pixels = width * height, half = (cutout.width - 2) / 2;
  const [byU, byV] = [scratch.slice(3, 6), scratch.slice(6, 9)], matte = cutout.planes[3]; // slopes by the place, of each color
  let differences = scratch.slice(0, 3);
  for (const plane of [...byU, ...byV]) plane.fill(0);
  for (let c = 0; c < 3; c++) for (let at = 0; at < pixels; at++) differences[c][at] = base.planes[c][at] - answer.planes[c][at];
  eachPlace(placement, grid, (at, x, y, u, v) => {
    const left = (u + 1) * half + 0.5, top = (v + 1) * half + 0.5; // in pixels of the cutout with its ring
    if (!(left >= 0 && top >= 0 && left < cutout.width - 1 && top < cutout.height - 1)) return;
    const upper = Math.floor(top) * cutout.width + Math.floor(left), lower = upper + cutout.width;
    if (!(matte[upper] || matte[upper + 1] || matte[lower] || matte[lower + 1])) return;
    const right = left - Math.floor(left), low = top - Math.floor(top);
    let cover = 0, coverByU = 0, coverByV = 0;
    for (let c = 3; c >= 0; c--) { // the matte first
      const plane = cutout.planes[c], above = plane[upper + 1] - plane[upper], below = plane[lower + 1] - plane[lower];
      const first = plane[upper] + right * above, second = plane[lower] + right * below;
      const value = first + low * (second - first), slopeByU = half * (above + low * (below - above)), slopeByV = half * (second - first);
      if (c === 3) [cover, coverByU, coverByV] = [value, slopeByU, slopeByV];
      else {
        const change = value - base.planes[c][at];
        differences[c][at] += cover * change;
        byU[c][at] = coverByU * change + cover * slopeByU;
        byV[c][at] = coverByV * change + cover * slopeByV;
      }
    }
  });
  if (kernel) differences = differences.map((plane) => blurred(plane, width, height, kernel));
  const error = meanSquare(differences);
  if (!slopes) return error;
  if (kernel) differences = differences.map((plane) => blurred(plane, width, height, kernel, true));
  const alongX = new Float64Array(bends), alongY = new Float64Array(bends);
  for (let y = 0, at = 0; y < height; y++) {
    alongX.fill(0);
    alongY.fill(0);
    for (let x = 0; x < width; x++, at++) {
      let byX = 0, byY = 0;
      for (let c = 0; c < 3; c++) {
        byX += (differences[c][at] * byU[c][at] * 2) / (3 * pixels);
        byY += (differences[c][at] * byV[c][at] * 2) / (3 * pixels);
      }
      if (byX === 0 && byY === 0) continue;
      slopes[0] += byX;
      slopes[1] += byY;
      slopes[2] += xs[x] * byX;
      slopes[3] += xs[x] * byY;
      slopes[4] += ys[y] * byX;
      slopes[5] += ys[y] * byY;
      for (let j = 0; j < bends; j++) {
        alongX[j] += across[x][j] * byX;
        alongY[j] += across[x][j] * byY;
      }
    }
    for (let i = 0; i < bends; i++) {
      for (let j = 0; j < bends; j++) {
        slopes[AFFINE + i * bends + j] += down[y][i] * alongX[j];
        slopes[AFFINE + (bends + i) * bends + j] += down[y][i] * alongY[j];
      }
    }
  }
  return error;
}

// Returns the bending energy, the mean squared second differences of the bends, and adds its slopes, times `stiffness`.
function stiffnessOf(placement, slopes, bends, stiffness) {
  const across = [[0, 0, 1], [0, 1, -2], [0, 2, 1]], down = across.map(([i, j, weight]) => [j, i, weight]);
  const both = [[0, 0, 1], [0, 1, -1], [1, 0, -1], [1, 1, 1]];
  let total = 0;
  for (const stencil of [across, down, both]) {
    const rows = bends - stencil.at(-1)[0], columns = bends - stencil.at(-1)[1], share = stiffness / (2 * rows * columns);
    for (let c = 0; c < 2; c++) for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) {
      const entry = ([i, j]) => AFFINE + (c * bends + y + i) * bends + x + j;
      const difference = sum(stencil.map((point) => point[2] * placement[entry(point)]));
      total += share * difference ** 2;
      for (const point of stencil) slopes[entry(point)] += 2 * share * difference * point[2];
    }
  }
  return total;
}

// Lowers an error by Adam and returns what it was before the last step. Changes the first `free` entries of a placement.
function descend(placement, free, rounds, rate, decay, errorAt) {
  const mean = new Float64Array(free), square = new Float64Array(free), slopes = new Float64Array(placement.length);
  let error = 0;
  for (let done = 0; done < rounds; done++) {
    slopes.fill(0);
    error = errorAt(slopes);
    for (let at = 0; at < free; at++) {
      mean[at] += 0.1 * (slopes[at] - mean[at]);
      square[at] += 0.001 * (slopes[at] ** 2 - square[at]);
      const size = Math.sqrt(square[at] / (1 - 0.999 ** (done + 1))) + 1e-8;
      placement[at] -= (rate * (1 - (decay * done) / rounds) * mean[at]) / (1 - 0.9 ** (done + 1)) / size;
    }
  }
  return error;
}

// The center of mass and the area of a mask, in halves of its shorter side.
function middleOf(mask, { width, height }) {
  const shorter = Math.min(width, height), xs = placesAlong(width, shorter), ys = placesAlong(height, shorter);
  let total = 0, x = 0, y = 0;
  mask.forEach((weight, at) => {
    total += weight;
    x += weight * xs[at % width];
    y += weight * ys[Math.floor(at / width)];
  });
  total = Math.max(total, 1e-6);
  return { x: x / total, y: y / total, area: total * (2 / shorter) ** 2 };
}

// Placements to begin with: the middle of the cutout on that of what changed, at its size, and turned.
function starts(cutout, changed, turns, bends) {
  const own = middleOf(cutout.planes[3], cutout), scale = Math.min(Math.max(Math.sqrt(own.area / changed.area), 0.5), 2);
  return turns.map((turn) => {
    const a = scale * Math.cos(turn), b = scale * Math.sin(turn), placement = new Float64Array(AFFINE + 2 * bends ** 2);
    placement.set([own.x - a * changed.x + b * changed.y, own.y - b * changed.x - a * changed.y, a, b, -b, a]);
    return placement;
  });
}

// Registers cutouts, maps of four planes that are squares of one size, to the answer for a picture.
// Returns { index, placement, explained }: which fits best, where, and how much of the change it explains; at most 1.
function placed(answer, base, cutouts, { side, same, different, turns, bends, stiffness, coarse, rounds, rate, decay, blur, stages }) {
  const factor = Math.max(1, roundHalfEven(Math.min(base.width, base.height) / side)), kernel = gaussian(blur);
  [answer, base] = [answer, base].map(({ planes, ...sides }) => pooled({ ...sides, planes: planes.slice(0, 3) }, factor));
  const { width, height } = base;
  const problemOf = (cutout, size, bends) => {
    const [small, ground] = [pooled(answer, size), pooled(base, size)], grid = gridOf(ground.width, ground.height, bends);
    const scratch = Array.from({ length: 9 }, () => new Float64Array(grid.width * grid.height));
    return { answer: small, base: ground, cutout: ringed(pooled(cutout, size)), grid, kernel: size === 1 && kernel, scratch };
  };
  const mask = base.planes[0].map((_, at) => {
    const difference = sum([0, 1, 2].map((c) => Math.abs(answer.planes[c][at] - base.planes[c][at]))) / 3;
    return Math.min(Math.max((difference - same) / (different - same), 0), 1);
  });
  const changed = middleOf(mask, base);
  let left = cutouts.map((cutout, index) => {
    const problem = problemOf(cutout, coarse, 0), tried = starts(cutout, changed, turns, bends);
    const errors = tried.map((placement) => descend(placement, AFFINE, rounds, rate, decay, (slopes) => errorOf(placement, slopes, problem)));
    const error = Math.min(...errors);
    return { index, cutout, placement: tried[errors.indexOf(error)], error };
  });
  for (const { kept, size, rounds, rate } of stages) {
    left = left.sort((one, other) => one.error - other.error).slice(0, kept);
    for (const found of left) {
      const { placement, cutout } = found, problem = problemOf(cutout, size, bends);
      const errorAt = (slopes) => errorOf(placement, slopes, problem) + stiffnessOf(placement, slopes, bends, stiffness);
      found.error = descend(placement, placement.length, rounds, rate, decay, errorAt);
    }
  }
  const [{ index, placement, cutout }] = left;
  const change = answer.planes.map((plane, c) => blurred(plane.map((value, at) => value - base.planes[c][at]), width, height, kernel));
  const rest = errorOf(placement, null, problemOf(cutout, 1, bends));
  return { index, placement, explained: 1 - rest / Math.max(meanSquare(change), 1e-8) };
}
