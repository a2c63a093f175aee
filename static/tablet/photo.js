/** A photo from the camera, made small enough to send: its longest side 1600 pixels, JPEG, and nothing of what the camera wrote beside it. */

const LONGEST_SIDE = 1600;
const ENOUGH_BYTES = 700_000;
const QUALITIES = [0.82, 0.7, 0.55, 0.4]; // the next one where a picture full of detail is still too large

/** The file is no picture that this browser can read. */
export class NoPicture extends Error {}

/** @param {Blob} file as the camera gave it @returns {Promise<Blob>} a JPEG drawn anew @throws {NoPicture} */
export async function smallPhoto(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" }).catch((cause) => {
    throw new NoPicture("not a picture", { cause });
  });
  const shrink = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * shrink));
  canvas.height = Math.max(1, Math.round(image.height * shrink));
  const pen = canvas.getContext("2d", { alpha: false });
  pen.fillStyle = "#ffffff"; // under what is transparent
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  let blob = null;
  for (const quality of QUALITIES) {
    blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (!blob) throw new NoPicture("it could not be drawn");
    if (blob.size <= ENOUGH_BYTES) break;
  }
  return blob;
}
