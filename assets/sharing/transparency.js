// What is transparent is edited on a backdrop on which it shows, and is as transparent afterwards: what
// `editor/transparency.py` does.
const NEAR_WHITE = 48; // levels from white, in the mean over what is opaque

// Returns { shown, finish }: the photo on its backdrop, and what makes an edit of that as transparent as the photo.
function onBackdrop(photo) {
  let opaque = 0, dark = 0, isOpaque = true;
  for (let at = 0; at < photo.data.length; at += 4) {
    const opacity = photo.data[at + 3];
    if (opacity < 255) isOpaque = false;
    opaque += opacity;
    dark += opacity * (255 - (photo.data[at] + photo.data[at + 1] + photo.data[at + 2]) / 3);
  }
  if (isOpaque) return { shown: photo, finish: (edit) => edit };
  const backdrop = dark < NEAR_WHITE * opaque ? 128 : 255, data = new Uint8ClampedArray(photo.data);
  for (let at = 0; at < data.length; at++) {
    const share = photo.data[at | 3] / 255;
    if (at % 4 < 3) data[at] = share * data[at] + (1 - share) * backdrop;
  }
  const finish = (edit) => {
    for (let at = 0; at < data.length; at += 4) {
      const share = photo.data[at + 3] / 255, isSame = [0, 1, 2].every((c) => edit.data[at + c] === data[at + c]);
      for (let c = 0; c < 3; c++) {
        if (isSame) edit.data[at + c] = photo.data[at + c];
        else if (share) edit.data[at + c] = (edit.data[at + c] - (1 - share) * backdrop) / share;
      }
    }
    return edit;
  };
  return { shown: { ...photo, data }, finish };
}
