// Makes a picture smaller before any limit counts: a camera's 19 MB become some hundred kilobytes. Where
// and when it was taken does not outlive the drawing of it.

import { made } from "../lib/nodes.js";

const LONG_SIDE = 1600; // pixels
// ISO/IEC 23008-12: brands of the first box of a HEIC file.
const HEIC = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"];

async function isHeic(file) {
  const start = new TextDecoder("latin1").decode(await file.slice(0, 12).arrayBuffer());
  return start.slice(4, 8) === "ftyp" && HEIC.includes(start.slice(8, 12));
}

// A JPEG of 1600 pixels at most on its long side; throws for what is no picture.
export async function shrink(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONG_SIDE / Math.max(image.width, image.height));
  const canvas = made("canvas", { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
  const drawing = canvas.getContext("2d");
  drawing.fillStyle = "#fff"; // what is transparent is white, as on the server
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  drawing.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", 0.85));
}

// What to do with a file that this browser cannot read, in one sentence.
export const whyNot = async (file) => ((await isHeic(file))
  ? `${file.name} est au format HEIC, que ce navigateur ne lit pas. Sur l’iPhone : Réglages, Appareil photo, Formats, « Le plus compatible » ; ou enregistrez-la en JPEG.`
  : `${file.name} n’est pas une image lisible : prenez une photo JPEG, PNG ou WebP.`);
