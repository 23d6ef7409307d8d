// Grain as of film: what `editor/grain.py` does, with the same random numbers. `tone` levels lie between two amplitudes.
function scrambled(bits) {
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

// A seed for a photo: the sum of its values.
function seedOf({ data }) {
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) sum += data[at] + data[at + 1] + data[at + 2];
  return sum % 2 ** 32;
}

// White noise of one channel for a row of a picture, and what the kernel reaches around it.
function noiseRow(channel, seed, y, wide) {
  const start = scrambled((y + scrambled((seed + channel * 0x9e3779b9) >>> 0)) >>> 0), row = new Float64Array(wide);
  for (let x = 0; x < wide; x++) {
    const bits = scrambled(start ^ Math.imul(x, 0x85ebca6b));
    row[x] = ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) / 147.8;
  }
  return row;
}

// Lays `strength` times the grain of a seed over a picture.
function withGrain(picture, { kernel, mixing, amplitude, tone }, seed, strength) {
  const { width, height, data } = picture, taps = kernel.length, noises = [0, 1, 2].filter((c) => mixing.some((row) => row[c]));
  const tables = amplitude.map((values) => Float64Array.from({ length: 256 }, (_, value) => {
    const first = Math.floor(value / tone), rest = value / tone - first;
    return strength * (values[first] + rest * ((values[first + 1] ?? 0) - values[first]));
  }));
  const rings = noises.map(() => Array.from({ length: taps }, () => new Float64Array(width))); // rows that are filtered across
  const grain = noises.map(() => new Float64Array(width));
  for (let y = 0; y < height + taps - 1; y++) {
    noises.forEach((channel, n) => {
      const white = noiseRow(channel, seed, y, width + taps - 1), across = rings[n][y % taps].fill(0);
      for (let k = 0; k < taps; k++) for (let x = 0; x < width; x++) across[x] += kernel[k] * white[x + k];
    });
    const row = y - taps + 1;
    if (row < 0) continue;
    noises.forEach((_, n) => {
      grain[n].fill(0);
      for (let k = 0; k < taps; k++) {
        const across = rings[n][(row + k) % taps];
        for (let x = 0; x < width; x++) grain[n][x] += kernel[k] * across[x];
      }
    });
    for (let x = 0, at = 4 * row * width; x < width; x++, at += 4) {
      for (let c = 0; c < 3; c++) {
        let mixed = 0;
        for (let n = 0; n < noises.length; n++) mixed += mixing[c][noises[n]] * grain[n][x];
        data[at + c] += tables[c][data[at + c]] * mixed; // rounded and clamped by the array
      }
    }
  }
  return picture;
}
