// What the telephone sees: where it is, and photographs, made small before they are kept.

const EDGE = 1024, QUALITY = 0.6;  // the longer side in dots

// Return {latitude, longitude, accuracy, at} or undefined; it never takes longer than 15 seconds.
export function where() {
  return new Promise((found) => {
    if (!("geolocation" in navigator)) return found(undefined);
    navigator.geolocation.getCurrentPosition(
      ({ coords, timestamp }) => found({
        latitude: coords.latitude,
        longitude: coords.longitude,
        accuracy: Math.round(coords.accuracy),
        at: new Date(timestamp).toISOString(),
      }),
      () => found(undefined),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
}

// Return a photo file as a small JPEG in base64.
export async function small(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", QUALITY).split(",")[1];
}

// Return a code for a provisional receipt, in the letters that are read aloud without mistakes.
export function receiptCode(letters) {
  const code = [];
  while (code.length < 12) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < 256 - (256 % letters.length)) code.push(letters[byte % letters.length]);
  }
  return code.join("");
}
