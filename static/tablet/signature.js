/** A signature on the glass: lines drawn by finger, pen or mouse, kept as a small picture, black on white in any theme. */

const WIDTH = 720;
const HEIGHT = 270;
const LINE = 5;
const LEAST_INK = 60; // in the picture's pixels, all lines together: less is a touch, not a signature

/** Draws on a canvas what is written on it. Pressure says nothing: fingers have none. */
export class SignaturePad {
  #canvas;
  #brush;
  #ink = 0;
  #at = null;

  /** @param {HTMLCanvasElement} canvas which tells by `input` events when there is ink, or none any more */
  constructor(canvas) {
    this.#canvas = canvas;
    Object.assign(canvas, { width: WIDTH, height: HEIGHT });
    this.#brush = canvas.getContext("2d");
    this.clear();
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#draw(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (this.#at = null));
  }

  /** Whether it can be somebody's name. */
  get signed() {
    return this.#ink >= LEAST_INK;
  }

  clear() {
    this.#brush.fillStyle = "#fff";
    this.#brush.fillRect(0, 0, WIDTH, HEIGHT);
    Object.assign(this.#brush, { strokeStyle: "#000", lineWidth: LINE, lineCap: "round", lineJoin: "round" });
    this.#ink = 0;
    this.#at = null;
    this.#tell();
  }

  /** @returns {Promise<Blob>} a PNG of some kilobytes */
  picture() {
    return new Promise((resolve, reject) => {
      this.#canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
    });
  }

  #begin(event) {
    if (!event.isPrimary || event.button !== 0) return; // the heel of the hand
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#at = this.#place(event);
    this.#line([this.#at]);
  }

  #draw(event) {
    if (!this.#at || !event.isPrimary) return;
    const between = event.getCoalescedEvents?.() ?? [];
    this.#line((between.length ? between : [event]).map((one) => this.#place(one)));
  }

  #line(places) {
    const before = this.signed;
    this.#brush.beginPath();
    this.#brush.moveTo(...this.#at);
    for (const place of places) {
      this.#brush.lineTo(...place);
      this.#ink += Math.hypot(place[0] - this.#at[0], place[1] - this.#at[1]);
      this.#at = place;
    }
    this.#brush.stroke();
    if (this.signed !== before) this.#tell();
  }

  #tell() {
    this.#canvas.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Where on the picture, whatever size it has on the screen. */
  #place({ clientX, clientY }) {
    const box = this.#canvas.getBoundingClientRect();
    return [((clientX - box.left) / box.width) * WIDTH, ((clientY - box.top) / box.height) * HEIGHT];
  }
}
