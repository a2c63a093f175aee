/** Reading codes with the camera: the browser's own reader where it has one, else the vendored one, loaded only then. */

const PAUSE_MS = 70; // between looks: enough for a steady hand, and the battery lasts
const SAME_AGAIN_MS = 2_000;
const KEEP_OPEN_MS = 45_000;
const WISHES = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
const PONYFILL = "../vendor/barcode-detector/ponyfill.js";
const WASM = new URL("../vendor/zxing-wasm/zxing_reader.wasm", import.meta.url).href;

let detector = null;
let stream = null;
let closing = null;
let lastText = "";

/** `code`: denied, missing, busy, decoder. */
export class NoCamera extends Error {
  constructor(code, cause) {
    super(`no camera: ${code}`, { cause });
    this.code = code;
  }
}

/** @returns {Promise<{detect: (image: CanvasImageSource) => Promise<{rawValue: string}[]>}>} */
async function openDetector() {
  const native = globalThis.BarcodeDetector;
  if (native && (await native.getSupportedFormats().catch(() => [])).includes("qr_code")) return new native({ formats: ["qr_code"] });
  const { BarcodeDetector, prepareZXingModule } = await import(PONYFILL);
  await prepareZXingModule({ overrides: { locateFile: () => WASM }, fireImmediately: true });
  return new BarcodeDetector({ formats: ["qr_code"] });
}

/** The camera stays open for a while between two cards: starting it takes longer than reading one. */
async function openStream() {
  clearTimeout(closing);
  if (stream?.active) return stream;
  if (!navigator.mediaDevices?.getUserMedia) throw new NoCamera("missing");
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: WISHES, audio: false });
    return stream;
  } catch (error) {
    const codes = { NotAllowedError: "denied", SecurityError: "denied", NotReadableError: "busy", AbortError: "busy" };
    throw new NoCamera(codes[error.name] ?? "missing", error);
  }
}

/** Switches the camera off now. */
export function closeCamera() {
  clearTimeout(closing);
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
}

/**
 * Shows the camera in `video` and calls `onCode` with each code that comes into view.
 * @param {HTMLVideoElement} video @param {(text: string) => void} onCode
 * @returns {Promise<{stop: () => void, torch: ((lit: boolean) => Promise<void>) | null}>}
 * @throws {NoCamera}
 */
export async function startCamera(video, onCode) {
  const opened = await openStream();
  video.srcObject = opened;
  await video.play().catch(() => {}); // it was taken away again before it began
  try {
    detector ??= await openDetector();
  } catch (error) {
    throw new NoCamera("decoder", error);
  }
  const [track] = opened.getVideoTracks();
  const watching = { on: true };
  watch(video, onCode, watching);
  return {
    stop() {
      watching.on = false;
      closing = setTimeout(closeCamera, KEEP_OPEN_MS);
    },
    torch: track?.getCapabilities?.().torch ? (lit) => track.applyConstraints({ advanced: [{ torch: lit }] }) : null,
  };
}

async function watch(video, onCode, watching) {
  // The card that was just dealt with may still lie there: it counts again only after it was gone.
  let lastAt = performance.now();
  while (watching.on) {
    const found = video.readyState >= video.HAVE_CURRENT_DATA ? await detector.detect(video).catch(() => []) : [];
    const text = found[0]?.rawValue;
    if (text && watching.on) {
      const again = text === lastText && performance.now() - lastAt < SAME_AGAIN_MS;
      lastText = text;
      lastAt = performance.now();
      if (!again) onCode(text);
    }
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
  }
}
