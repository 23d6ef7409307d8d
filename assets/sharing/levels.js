// Black and white points of a whole photo by its own histogram, two levels for each channel: what `editor/levels.py` does.
function endsOf({ data }, { measure, black, white }) {
  const light = new Float64Array(256), channels = [0, 1, 2].map(() => new Float64Array(256));
  for (let at = 0; at < data.length; at += 4) {
    light[Math.floor((2126 * data[at] + 7152 * data[at + 1] + 722 * data[at + 2] + 5000) / 10000)]++;
    for (let c = 0; c < 3; c++) channels[c][data[at + c]]++;
  }
  const all = channels[0].map((count, value) => count + channels[1][value] + channels[2][value]);
  return channels.map((each) => {
    const counts = { light, all, each }[measure], total = counts.reduce((sum, count) => sum + count, 0);
    let first = 0, last = 0, sum = 0;
    for (const count of counts) {
      sum += count;
      if (sum / total <= black) first++;
      if (sum / total < 1 - white) last++;
    }
    return last > first ? [first, last] : [0, 255];
  });
}
