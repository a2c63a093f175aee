/** Sound and vibration for a verdict, so that nobody has to look up to know it went wrong. */

const TONES = {
  green: [[880, 0.09], [1320, 0.12]],
  amber: [[660, 0.14], [660, 0.14]],
  red: [[330, 0.22], [262, 0.3]],
  grey: [[520, 0.12]],
  violet: [[400, 0.12], [300, 0.12], [400, 0.12]],
};
const SHAKES = { green: [60], amber: [80, 60, 80], red: [250, 80, 250], grey: [40], violet: [120, 60, 120, 60, 120] };
const GAP_S = 0.04;
const LOUDNESS = 0.2;

let audio = null;

/** Browsers let a page sound only after somebody has touched it. */
export function wakeSound() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().catch(() => {});
}

/** @param {string} tone of a verdict */
export function signal(tone) {
  navigator.vibrate?.(SHAKES[tone] ?? []);
  if (audio?.state !== "running") return;
  let at = audio.currentTime;
  for (const [frequency, seconds] of TONES[tone] ?? []) {
    const source = new OscillatorNode(audio, { frequency });
    const volume = new GainNode(audio, { gain: LOUDNESS });
    source.connect(volume).connect(audio.destination);
    source.start(at);
    source.stop(at + seconds);
    at += seconds + GAP_S;
  }
}
