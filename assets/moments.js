// A run is what `timeline_data` in Python says: columns with one entry per preview. A moment is an index into them.
const pictureAt = (run, index, name) =>
  `${run.folder}/${run.steps[index]}-${run.seconds[index].toFixed(1)}/${encodeURIComponent(name)}.png`;
const psnrAt = (run, index) => `${run.psnr[index].toFixed(1)} dB`;
const closenessAt = (run, index) => {
  const gain = run.psnr[index] - run.unedited;
  return run.unedited === null ? "" : words.closeness.find(([most]) => most === null || gain < most)[1];
};
const lastOf = (run) => run.steps.length - 1;
const hasPicture = (run, name) => run.pictures.some((picture) => picture.name === name);

function nearestMoment(run, step) {
  let best = 0;
  run.steps.forEach((other, index) => {
    if (Math.abs(other - step) < Math.abs(run.steps[best] - step)) best = index;
  });
  return best;
}

// Setting the same address again would load the picture again.
function show(image, source, alt) {
  if (image.getAttribute("src") !== source) image.src = source;
  image.alt = alt;
}
