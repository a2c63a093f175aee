import { backoff } from "./plan.js";

/** Repeats one piece of work: after the wait it asks for, after a growing wait when it fails, at once when woken. */
export class Loop {
  #once;
  #failed;
  #failures = 0;
  #timer = null;
  #running = false;
  #again = false;
  #stopped = true;
  #atRest = Promise.resolve();

  /** @param {() => Promise<number | null>} once resolves to the wait in ms, null for "until woken"; rejects on failure
   * @param {(error: unknown) => void} failed hears each failure */
  constructor(once, failed) {
    this.#once = once;
    this.#failed = failed;
  }

  start() {
    this.#stopped = false;
    this.wake();
  }

  /** @returns {Promise<void>} when what was under way is over */
  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    return this.#atRest;
  }

  /** Run now, or once more when the present run is over. */
  wake() {
    if (this.#stopped) return;
    this.#again = true;
    if (!this.#running) this.#begin();
  }

  /** The network is back: the failures so far say nothing about it. */
  startOver() {
    this.#failures = 0;
    this.wake();
  }

  #begin() {
    this.#atRest = this.#run();
  }

  async #run() {
    clearTimeout(this.#timer);
    this.#running = true;
    let wait;
    do {
      this.#again = false;
      wait = await this.#turn();
    } while (this.#again && !this.#stopped && this.#failures === 0);
    this.#running = false;
    if (wait !== null && !this.#stopped) this.#timer = setTimeout(() => this.#begin(), wait);
  }

  async #turn() {
    try {
      const wait = await this.#once();
      this.#failures = 0;
      return wait;
    } catch (error) {
      this.#failures += 1;
      this.#failed(error);
      return backoff(this.#failures);
    }
  }
}
